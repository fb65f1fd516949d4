import { Box, CloseButton, Dialog, Flex, Heading, Kbd, Portal, Text } from '@chakra-ui/react';
import { useSyncExternalStore } from 'react';
import { allCommands, onCommands } from '../../lib/shortcuts/registry.ts';

/** Every shortcut that works on this page, from the registry itself. */
export default function ShortcutSheet({ onClose }: { readonly onClose: () => void }) {
  const commands = useSyncExternalStore(onCommands, allCommands).filter(({ keys }) => keys !== undefined);
  const groups = [...new Set(commands.map(({ group }) => group))];
  return (
    <Dialog.Root
      open
      onOpenChange={({ open }) => !open && onClose()}
      placement="center"
      scrollBehavior="inside"
    >
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner px="4">
          <Dialog.Content maxW="560px">
            <Dialog.Header>
              <Dialog.Title fontSize="md">Keyboard shortcuts</Dialog.Title>
            </Dialog.Header>
            <Dialog.Body tabIndex={0} focusVisibleRing="inside">
              <Text color="fg.muted" mb="4">
                They do nothing while you type.
              </Text>
              <Box css={{ columnCount: { base: 1, sm: 2 }, columnGap: '32px' }}>
                {groups.map((group) => (
                  <Box key={group} css={{ breakInside: 'avoid' }} mb="5">
                    <Heading as="h3" fontSize="xs" color="fg.muted" fontWeight="medium" mb="1.5">
                      {group}
                    </Heading>
                    {commands
                      .filter((command) => command.group === group)
                      .map(({ id, label, keys }) => (
                        <Flex key={id} justify="space-between" gap="3" py="1">
                          <Text>{label}</Text>
                          <Keys keys={keys ?? ''} />
                        </Flex>
                      ))}
                  </Box>
                ))}
              </Box>
            </Dialog.Body>
            <Dialog.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Dialog.CloseTrigger>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}

const isMac = /Mac|iP(?:hone|ad)/.test(navigator.userAgent);

/** Keys as they are pressed, one after the other. */
export function Keys({ keys }: { readonly keys: string }) {
  return (
    <Flex gap="1" flexShrink={0}>
      {keys.split(' ').map((key, at) => (
        // A sequence may repeat a key, and never changes.
        // oxlint-disable-next-line react/no-array-index-key
        <Kbd key={at} size="sm">
          {key
            .replace('mod+', isMac ? '⌘' : 'Ctrl ')
            .replace(/(^| )([a-z])$/, (_, gap: string, letter: string) =>
              key.startsWith('mod+') ? gap + letter.toUpperCase() : gap + letter,
            )}
        </Kbd>
      ))}
    </Flex>
  );
}
