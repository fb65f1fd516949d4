import { Menu, Portal } from '@chakra-ui/react';
import { useOpened } from '../deferred.tsx';
import { ColumnButton, type ColumnMenuProps } from './column-menu.tsx';
import { densities, useAppearance, type Density } from '../../lib/preferences.ts';

/** Which columns a table shows, and how dense its rows are. */
export default function ColumnMenuOpen({ columns, hidden, onChange }: ColumnMenuProps) {
  const trigger = useOpened();
  const { density, set } = useAppearance();
  return (
    <Menu.Root closeOnSelect={false} lazyMount unmountOnExit>
      <Menu.Trigger asChild>
        <ColumnButton ref={trigger} />
      </Menu.Trigger>
      <Portal>
        <Menu.Positioner>
          <Menu.Content minW="200px">
            <Menu.RadioItemGroup
              value={density}
              onValueChange={({ value }) => set({ density: value as Density })}
            >
              <Menu.ItemGroupLabel>Rows</Menu.ItemGroupLabel>
              {densities.map((item) => (
                <Menu.RadioItem key={item} value={item} textTransform="capitalize">
                  <Menu.ItemIndicator />
                  {item}
                </Menu.RadioItem>
              ))}
            </Menu.RadioItemGroup>
            <Menu.Separator />
            <Menu.ItemGroup>
              <Menu.ItemGroupLabel>Columns</Menu.ItemGroupLabel>
              {columns
                .filter(({ fixed }) => fixed !== true)
                .map(({ id, header }) => (
                  <Menu.CheckboxItem
                    key={id}
                    value={id}
                    checked={!hidden.includes(id)}
                    onCheckedChange={(on) =>
                      onChange(on ? hidden.filter((item) => item !== id) : [...hidden, id])
                    }
                  >
                    <Menu.ItemIndicator />
                    {header}
                  </Menu.CheckboxItem>
                ))}
            </Menu.ItemGroup>
          </Menu.Content>
        </Menu.Positioner>
      </Portal>
    </Menu.Root>
  );
}
