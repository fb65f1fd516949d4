import { Flex, chakra } from '@chakra-ui/react';
import { createLink } from '@tanstack/react-router';
import {
  FlexRender,
  columnVisibilityFeature,
  rowSelectionFeature,
  rowSortingFeature,
  tableFeatures,
  type ReactTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import type { MouseEvent } from 'react';
import type { DataColumn, RowLink } from './types.ts';

/** The features of TanStack Table that our tables use; filtering, sorting and paging are the server's. */
export const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature, rowSortingFeature });

export interface ViewProps<T> {
  readonly label: string;
  readonly table: ReactTable<typeof features, T & object>;
  readonly columns: ReadonlyMap<string, DataColumn<T>>;
  readonly rowLink?: ((row: T) => RowLink) | undefined;
  readonly rowName: (row: T) => string;
  readonly selectable: boolean;
}

const Cell = chakra('td', {
  base: {
    px: 'var(--cell-padding)',
    h: 'var(--row-height)',
    borderBottomWidth: '1px',
    borderColor: 'border.muted',
    whiteSpace: 'nowrap',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
});

const HeaderCell = chakra('th', {
  base: {
    position: 'sticky',
    top: '0',
    zIndex: '1',
    bg: 'bg.subtle',
    px: 'var(--cell-padding)',
    h: '9',
    fontSize: 'xs',
    fontWeight: 'medium',
    color: 'fg.muted',
    textAlign: 'start',
    whiteSpace: 'nowrap',
    borderBottomWidth: '1px',
  },
});

const SortButton = chakra('button', {
  base: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: '1',
    cursor: 'pointer',
    rounded: 'sm',
    _hover: { color: 'fg' },
    focusVisibleRing: 'outside',
  },
});

/** The link that a row is opened by. */
export const RowAnchor = createLink(
  chakra('a', {
    base: {
      fontWeight: 'medium',
      color: 'fg',
      _hover: { textDecoration: 'underline', textUnderlineOffset: '3px' },
      rounded: 'sm',
      focusVisibleRing: 'outside',
    },
  }),
);

/** Rows as a table, on wide screens. */
export function TableView<T>({ label, table, columns, rowLink, rowName, selectable }: ViewProps<T>) {
  const visible = table.getVisibleLeafColumns();
  const first = visible[0]?.id;
  // Narrower than this, the table scrolls instead of cutting every cell.
  const least = visible.reduce(
    (sum, { id }) => sum + Number.parseInt(columns.get(id)?.width ?? '150', 10),
    0,
  );
  return (
    <chakra.table
      w="full"
      style={{ minWidth: `${least}px` }}
      css={{ borderCollapse: 'separate', borderSpacing: 0, tableLayout: 'fixed' }}
      aria-label={label}
    >
      <thead>
        <tr>
          {selectable && (
            <HeaderCell w="10" pe="0" scope="col">
              <SelectBox
                label="Select all rows on this page"
                checked={
                  table.getIsAllRowsSelected() || (table.getIsSomeRowsSelected() ? 'indeterminate' : false)
                }
                onChange={(on) => table.toggleAllRowsSelected(on)}
              />
            </HeaderCell>
          )}
          {table.getLeafHeaders().map(({ column }) => {
            const { header, align = 'start', width, sortKey, quietHeader = false } = columns.get(column.id)!;
            const sorted = column.getIsSorted();
            return (
              <HeaderCell
                key={column.id}
                scope="col"
                w={width}
                textAlign={align}
                aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
              >
                {sortKey === undefined ? (
                  <chakra.span srOnly={quietHeader}>{header}</chakra.span>
                ) : (
                  <SortButton type="button" onClick={column.getToggleSortingHandler()}>
                    {header}
                    <Flex as="span" color={sorted ? 'fg' : 'fg.subtle'} aria-hidden>
                      {sorted === 'asc' ? (
                        <ArrowUp size={12} />
                      ) : sorted === 'desc' ? (
                        <ArrowDown size={12} />
                      ) : (
                        <ChevronsUpDown size={12} opacity={0.5} />
                      )}
                    </Flex>
                  </SortButton>
                )}
              </HeaderCell>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {table.getRowModel().rows.map((row) => (
          <chakra.tr
            key={row.id}
            data-row={row.id}
            bg={row.getIsSelected() ? 'brand.subtle/50' : undefined}
            _hover={{ bg: row.getIsSelected() ? 'brand.subtle/70' : 'bg.subtle' }}
            _focusWithin={{ bg: 'bg.subtle' }}
            cursor={rowLink ? 'pointer' : undefined}
            onClick={openFromRow}
            css={{ '&:last-of-type > td': { borderBottomWidth: 0 } }}
          >
            {selectable && (
              <Cell w="10" pe="0">
                <SelectBox
                  label={`Select ${rowName(row.original)}`}
                  checked={row.getIsSelected()}
                  onChange={(on) => row.toggleSelected(on)}
                />
              </Cell>
            )}
            {row.getVisibleCells().map((cell) => {
              const { align = 'start' } = columns.get(cell.column.id)!;
              return (
                <Cell key={cell.id} textAlign={align}>
                  {rowLink && cell.column.id === first ? (
                    <RowAnchor {...rowLink(row.original)} data-row-link>
                      <FlexRender cell={cell} />
                    </RowAnchor>
                  ) : (
                    <FlexRender cell={cell} />
                  )}
                </Cell>
              );
            })}
          </chakra.tr>
        ))}
      </tbody>
    </chakra.table>
  );
}

/** A click anywhere in a row opens it, unless it was meant for something in it or a text was being selected. */
export function openFromRow(event: MouseEvent<HTMLElement>): void {
  if ((event.target as HTMLElement).closest('a, button, input, label, [role=menuitem]')) return;
  if (!event.currentTarget.contains(event.target as Node)) return;
  if (window.getSelection()?.toString()) return;
  const link = event.currentTarget.querySelector<HTMLAnchorElement>('[data-row-link]');
  if (!link) return;
  if (event.metaKey || event.ctrlKey) window.open(link.href, '_blank', 'noopener');
  else link.click();
}

interface SelectBoxProps {
  readonly label: string;
  readonly checked: boolean | 'indeterminate';
  readonly onChange: (on: boolean) => void;
}

/** The browser's own: a list has a hundred of them, and Chakra's would take longer to draw than the rest of their rows. */
export function SelectBox({ label, checked, onChange }: SelectBoxProps) {
  return (
    <Flex justify="center">
      <chakra.input
        type="checkbox"
        aria-label={label}
        boxSize="4"
        accentColor="brand.solid"
        cursor="pointer"
        focusVisibleRing="outside"
        checked={checked === true}
        ref={(input: HTMLInputElement | null) => {
          if (input) input.indeterminate = checked === 'indeterminate';
        }}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </Flex>
  );
}
