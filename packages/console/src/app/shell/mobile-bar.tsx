import { Box, CloseButton, Drawer, Flex, IconButton, Portal } from '@chakra-ui/react';
import { Menu, Search } from 'lucide-react';
import { useState } from 'react';
import { AccountMenu } from './account-menu.tsx';
import { Brand } from './brand.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { NavList } from './nav-list.tsx';

/** Navigation of narrow screens: a bar, and a drawer with everything else. */
export default function MobileBar({ onSearch }: { readonly onSearch: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Flex
      as="header"
      align="center"
      justify="space-between"
      h="14"
      px="4"
      borderBottomWidth="1px"
      bg="bg.subtle"
      position="sticky"
      top="0"
      zIndex="docked"
    >
      <Brand />
      <Flex gap="1">
        <IconButton
          variant="ghost"
          colorPalette="gray"
          size="sm"
          aria-label="Search or jump to"
          onClick={onSearch}
        >
          <Search aria-hidden />
        </IconButton>
        <Drawer.Root
          open={open}
          onOpenChange={(details) => setOpen(details.open)}
          placement="end"
          lazyMount
          unmountOnExit
        >
          <Drawer.Trigger asChild>
            <IconButton variant="ghost" colorPalette="gray" size="sm" aria-label="Menu">
              <Menu aria-hidden />
            </IconButton>
          </Drawer.Trigger>
          <Portal>
            <Drawer.Backdrop />
            <Drawer.Positioner>
              <Drawer.Content maxW="300px">
                <Drawer.Header>
                  <Drawer.Title fontSize="md">Menu</Drawer.Title>
                </Drawer.Header>
                <Drawer.Body px="4">
                  <NavList onGo={() => setOpen(false)} />
                </Drawer.Body>
                <Drawer.Footer px="4" justifyContent="stretch">
                  <Box flex="1">
                    <LiveIndicator />
                    <AccountMenu />
                  </Box>
                </Drawer.Footer>
                <Drawer.CloseTrigger asChild>
                  <CloseButton size="sm" colorPalette="gray" />
                </Drawer.CloseTrigger>
              </Drawer.Content>
            </Drawer.Positioner>
          </Portal>
        </Drawer.Root>
      </Flex>
    </Flex>
  );
}
