import { Box, Flex, Menu, Portal, Text } from '@chakra-ui/react';
import { compact } from '../lib/format.ts';
import { useOpened } from './deferred.tsx';
import { FilterButton, type FilterMenuProps } from './filter-menu.tsx';

/** The filter with its menu, open to begin with. */
export default function FilterMenuOpen({
  label,
  options,
  selected,
  onChange,
  single = false,
}: FilterMenuProps) {
  const trigger = useOpened();
  const toggle = (value: string, on: boolean) => {
    if (single) onChange(on ? [value] : []);
    else onChange(on ? [...selected, value] : selected.filter((item) => item !== value));
  };
  return (
    <Menu.Root closeOnSelect={single} lazyMount unmountOnExit>
      <Menu.Trigger asChild>
        <FilterButton ref={trigger} label={label} selected={selected} />
      </Menu.Trigger>
      <Portal>
        <Menu.Positioner>
          <Menu.Content minW="200px" maxH="360px" overflowY="auto">
            {options.length === 0 && (
              <Text px="2" py="1.5" color="fg.muted">
                Nothing to choose from
              </Text>
            )}
            {options.map(({ value, label: text, count }) => (
              <Menu.CheckboxItem
                key={value}
                value={value}
                checked={selected.includes(value)}
                onCheckedChange={(on) => toggle(value, on)}
              >
                <Menu.ItemIndicator />
                <Flex justify="space-between" gap="4" flex="1" minW="0">
                  <Box truncate>{text ?? value}</Box>
                  {count !== undefined && (
                    <Text as="span" color="fg.muted" data-numeric>
                      {compact(count)}
                    </Text>
                  )}
                </Flex>
              </Menu.CheckboxItem>
            ))}
            {selected.length > 0 && (
              <>
                <Menu.Separator />
                <Menu.Item value="tenantry:clear" closeOnSelect onClick={() => onChange([])}>
                  Clear
                </Menu.Item>
              </>
            )}
          </Menu.Content>
        </Menu.Positioner>
      </Portal>
    </Menu.Root>
  );
}
