import { Menu, Portal } from '@chakra-ui/react';
import { useNavigate } from '@tanstack/react-router';
import { LogOut, Settings } from 'lucide-react';
import { colorModes, useAppearance, type ColorMode } from '../../lib/preferences.ts';
import { useOpened } from '../../components/deferred.tsx';
import { AccountButton, useLeave } from './account-menu.tsx';

/** Who is signed in, in which role; the theme; the way out. */
export default function AccountMenuOpen() {
  const trigger = useOpened();
  const { mode, set } = useAppearance();
  const navigate = useNavigate();
  const leave = useLeave();
  return (
    <Menu.Root positioning={{ placement: 'top-start', sameWidth: true }} lazyMount unmountOnExit>
      <Menu.Trigger asChild>
        <AccountButton ref={trigger} />
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
