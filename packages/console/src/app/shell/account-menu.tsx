import { Box, Button, Flex, Menu, Portal, Text } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { ChevronsUpDown, LogOut, Settings } from 'lucide-react';
import { colorModes, useAppearance, type ColorMode } from '../../lib/preferences.ts';
import { signOut, useMe } from '../../lib/session.ts';
import { useCommand } from '../../lib/shortcuts/use-command.ts';

/** Who is signed in, in which role; the theme; the way out. */
export function AccountMenu() {
  const { actor, role } = useMe();
  const { mode, set } = useAppearance();
  const queries = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const leave = async () => {
    const redirectTo = await signOut(queries);
    if (redirectTo === null) await router.invalidate();
    else window.location.assign(redirectTo);
  };
  useCommand({ id: 'sign-out', label: 'Sign out', group: 'General', run: () => void leave() });
  return (
    <Menu.Root positioning={{ placement: 'top-start', sameWidth: true }} lazyMount unmountOnExit>
      <Menu.Trigger asChild>
        <Button
          variant="ghost"
          colorPalette="gray"
          h="11"
          px="2"
          w="full"
          justifyContent="flex-start"
          fontWeight="normal"
        >
          <Flex
            boxSize="7"
            rounded="md"
            bg="brand.muted"
            color="brand.fg"
            align="center"
            justify="center"
            fontSize="xs"
            fontWeight="semibold"
            flexShrink={0}
            aria-hidden
          >
            {initialOf(actor.name)}
          </Flex>
          <Box flex="1" minW="0" textAlign="start" lineHeight="1.25">
            <Text fontSize="sm" fontWeight="medium" truncate dir="auto">
              {actor.name}
            </Text>
            <Text fontSize="xs" color="fg.muted">
              {role}
            </Text>
          </Box>
          <ChevronsUpDown aria-hidden />
        </Button>
      </Menu.Trigger>
      <Portal>
        <Menu.Positioner>
          <Menu.Content minW="210px">
            <Menu.RadioItemGroup
              value={mode}
              onValueChange={({ value }) => set({ mode: value as ColorMode })}
            >
              <Menu.ItemGroupLabel>Theme</Menu.ItemGroupLabel>
              {colorModes.map((item) => (
                <Menu.RadioItem key={item} value={item} textTransform="capitalize">
                  <Menu.ItemIndicator />
                  {item}
                </Menu.RadioItem>
              ))}
            </Menu.RadioItemGroup>
            <Menu.Separator />
            <Menu.Item value="settings" onClick={() => void navigate({ to: '/settings' })}>
              <Settings size={14} aria-hidden /> Settings
            </Menu.Item>
            <Menu.Item value="sign-out" onClick={() => void leave()}>
              <LogOut size={14} aria-hidden /> Sign out
            </Menu.Item>
          </Menu.Content>
        </Menu.Positioner>
      </Portal>
    </Menu.Root>
  );
}

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first letter of a name, in whatever script. */
function initialOf(name: string): string {
  return [...segments.segment(name)][0]?.segment.toUpperCase() ?? '?';
}
