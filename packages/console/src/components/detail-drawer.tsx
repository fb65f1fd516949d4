import { Box, CloseButton, Drawer, Flex, Portal, Text } from '@chakra-ui/react';
import type { ReactNode } from 'react';

interface DetailDrawerProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly above?: ReactNode;
  readonly beside?: ReactNode;
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** The details of one thing of a list, beside the list. That it is open stands in the address. */
export function DetailDrawer({ open, onClose, title, above, beside, footer, children }: DetailDrawerProps) {
  return (
    <Drawer.Root
      open={open}
      onOpenChange={(details) => !details.open && onClose()}
      placement="end"
      lazyMount
      unmountOnExit
    >
      <Portal>
        <Drawer.Backdrop />
        <Drawer.Positioner>
          <Drawer.Content maxW={{ base: '100vw', md: '680px' }} bg="bg.panel">
            <Drawer.Header borderBottomWidth="1px" py="4" pe="14" display="block">
              {above}
              <Flex align="center" gap="2" wrap="wrap">
                <Drawer.Title fontSize="md" fontWeight="semibold" overflowWrap="anywhere" minW="0">
                  {title}
                </Drawer.Title>
                {beside}
              </Flex>
            </Drawer.Header>
            <Drawer.Body py="5" tabIndex={0} outline="none">
              {children}
            </Drawer.Body>
            {footer !== undefined && (
              <Drawer.Footer borderTopWidth="1px" py="3" justifyContent="flex-start" flexWrap="wrap">
                {footer}
              </Drawer.Footer>
            )}
            <Drawer.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Drawer.CloseTrigger>
          </Drawer.Content>
        </Drawer.Positioner>
      </Portal>
    </Drawer.Root>
  );
}

/** A part of a drawer, with a small heading. */
export function DrawerSection({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Box as="section" mb="6" aria-label={title}>
      <Text as="h3" fontSize="xs" fontWeight="semibold" color="fg.muted" mb="2">
        {title}
      </Text>
      {children}
    </Box>
  );
}
