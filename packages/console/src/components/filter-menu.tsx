import { Button, Text } from '@chakra-ui/react';
import { ChevronDown } from 'lucide-react';
import { lazy, type ReactNode } from 'react';
import { Deferred, type TriggerProps } from './deferred.tsx';

const FilterMenuOpen = lazy(() => import('./filter-menu-open.tsx'));

export interface FilterOption {
  readonly value: string;
  readonly label?: ReactNode;
  /** How many it would leave. */
  readonly count?: number;
}

export interface FilterMenuProps {
  /** What is filtered by, as "State". */
  readonly label: string;
  readonly options: readonly FilterOption[];
  readonly selected: readonly string[];
  readonly onChange: (selected: readonly string[]) => void;
  /** One at most; choosing it again takes it away. */
  readonly single?: boolean;
}

/** A filter of a list: the button says what is chosen, the menu how many each choice leaves. */
export function FilterMenu(props: FilterMenuProps) {
  return (
    <Deferred
      menu={FilterMenuOpen}
      props={props}
      button={(onClick) => (
        <FilterButton label={props.label} selected={props.selected} aria-haspopup="menu" onClick={onClick} />
      )}
    />
  );
}

/** What opens the menu of a filter. */
export function FilterButton({
  label,
  selected,
  ...props
}: TriggerProps & Pick<FilterMenuProps, 'label' | 'selected'>) {
  return (
    <Button
      {...props}
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
  );
}
