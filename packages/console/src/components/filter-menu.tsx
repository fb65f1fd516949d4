import { Box, Button, Flex, Menu, Portal, Text } from '@chakra-ui/react';
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { compact } from '../lib/format.ts';

export interface FilterOption {
  readonly value: string;
  readonly label?: ReactNode;
  /** How many it would leave. */
  readonly count?: number;
}

interface FilterMenuProps {
  /** What is filtered by, as "State". */
  readonly label: string;
  readonly options: readonly FilterOption[];
  readonly selected: readonly string[];
  readonly onChange: (selected: readonly string[]) => void;
  /** One at most; choosing it again takes it away. */
  readonly single?: boolean;
}

/** A filter of a list: the button says what is chosen, the menu how many each choice leaves. */
export function FilterMenu({ label, options, selected, onChange, single = false }: FilterMenuProps) {
  const toggle = (value: string, on: boolean) => {
    if (single) onChange(on ? [value] : []);
    else onChange(on ? [...selected, value] : selected.filter((item) => item !== value));
  };
  return (
    <Menu.Root closeOnSelect={single} lazyMount unmountOnExit>
      <Menu.Trigger asChild>
        <Button
          size="sm"
          variant="outline"
          colorPalette="gray"
          bg={selected.length > 0 ? 'brand.subtle' : 'bg.panel'}
          borderColor={selected.length > 0 ? 'brand.border' : 'border'}
          fontWeight="normal"
          maxW="260px"
        >
          <Text as="span" color={selected.length > 0 ? 'fg' : 'fg.muted'} truncate>
            {label}
            {selected.length > 0 && (
              <Text as="span" fontWeight="medium">
                : {selected.join(', ')}
              </Text>
            )}
          </Text>
          <ChevronDown aria-hidden />
        </Button>
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
