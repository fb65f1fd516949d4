import { Box, Button, Flex, Kbd } from '@chakra-ui/react';
import { Search } from 'lucide-react';
import { AccountMenu } from './account-menu.tsx';
import { Brand } from './brand.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { NavList } from './nav-list.tsx';

const modifier = /Mac|iP(?:hone|ad)/.test(navigator.userAgent) ? '⌘' : 'Ctrl ';

/** Navigation of wide screens. */
export function Sidebar({ onSearch }: { readonly onSearch: () => void }) {
  return (
    <Flex
      as="header"
      direction="column"
      w="236px"
      flexShrink={0}
      h="100dvh"
      position="sticky"
      top="0"
      bg="bg.subtle"
      borderEndWidth="1px"
    >
      <Box px="4" pt="4" pb="3">
        <Brand />
      </Box>
      <Box px="3" pb="4">
        <Button
          type="button"
          onClick={onSearch}
          w="full"
          size="sm"
          variant="outline"
          colorPalette="gray"
          bg="bg.panel"
          color="fg.muted"
          fontWeight="normal"
          justifyContent="flex-start"
          px="2.5"
        >
          <Search aria-hidden />
          <Box as="span" flex="1" textAlign="start">
            Search…
          </Box>
          <Kbd size="sm" aria-hidden>
            {modifier}K
          </Kbd>
        </Button>
      </Box>
      <Box px="3" flex="1" overflowY="auto">
        <NavList />
      </Box>
      <Flex direction="column" gap="1" p="3" borderTopWidth="1px">
        <LiveIndicator />
        <AccountMenu />
      </Flex>
    </Flex>
  );
}
