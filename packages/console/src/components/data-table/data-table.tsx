import { Box, Flex, Skeleton } from '@chakra-ui/react';
import { useTable, type RowSelectionState, type SortingState, type Updater } from '@tanstack/react-table';
import { useMemo, useRef, type ReactNode } from 'react';
import { useLatest } from '../../lib/use-latest.ts';
import { useNarrow } from '../../lib/use-media.ts';
import { ErrorAlert } from '../error-alert.tsx';
import { CardView } from './card-view.tsx';
import { Pager } from './pager.tsx';
import { TableView, features } from './table-view.tsx';
import type { DataColumn, DataQuery, ListPosition, RowLink } from './types.ts';
import { useRowKeys } from './use-row-keys.ts';

export interface DataTableProps<T> {
  /** Called so by screen readers, as "Tenants". */
  readonly label: string;
  /** What one row is, as "tenant". */
  readonly noun: string;
  /** Give a stable array: made once, outside the component. */
  readonly columns: readonly DataColumn<T>[];
  readonly query: DataQuery<T>;
  readonly rowId: (row: T) => string;
  /** What a row is called where it is chosen. */
  readonly rowName?: (row: T) => string;
  readonly rowLink?: (row: T) => RowLink;
  /** As the API has it: `name`, or `-name` for descending. */
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
  readonly hidden?: readonly string[];
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (selected: ReadonlySet<string>) => void;
  readonly position?: ListPosition;
  readonly onMove?: (position: ListPosition) => void;
  /** Instead of no rows. */
  readonly empty: ReactNode;
}

/**
 * A list of the API as a table: pages, order and filters are the server's and stand in the address. While the next answer
 * comes, the last one stays, dimmed. On narrow screens rows are cards.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, noun, columns, query, rowLink, selected, onSelect, position, onMove, empty } = props;
  const narrow = useNarrow();
  const body = useRef<HTMLDivElement>(null);
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const table = useRows(props);
  const View = narrow ? CardView : TableView;
  const latest = useLatest({ rowLink, rowName: props.rowName ?? props.rowId });
  // Rows are drawn again when they change, not when the screen around them does: with every key that goes into a search the address
  // changes, and a hundred rows cost more than the answer of the server.
  const view = useMemo(
    () => (
      <View
        label={label}
        table={table}
        columns={byId}
        rowLink={rowLink && ((row) => latest.current.rowLink!(row))}
        rowName={(row) => latest.current.rowName(row)}
        selectable={onSelect !== undefined}
      />
    ),
    // oxlint-disable-next-line react/exhaustive-deps -- the table is what these make of it
    [View, label, byId, query.data, props.hidden, selected, props.sort, onSelect === undefined],
  );
  useRowKeys(
    body,
    onSelect &&
      ((id) => {
        const next = new Set(selected);
        if (!next.delete(id)) next.add(id);
        onSelect(next);
      }),
  );

  const { data, error } = query;
  if (error && !data) {
    return (
      <ErrorAlert error={error} title={`The ${noun}s could not be read`} onRetry={() => query.refetch()} />
    );
  }
  return (
    <Box>
      {error && (
        <Box mb="3">
          <ErrorAlert error={error} title="What is shown is old" onRetry={() => query.refetch()} />
        </Box>
      )}
      <Box bg="bg.panel" borderWidth="1px" rounded="lg" overflow="hidden">
        <Box
          ref={body}
          position="relative"
          overflow="auto"
          maxH={{ md: 'calc(100dvh - 250px)' }}
          minH={{ md: '240px' }}
          aria-busy={query.isFetching}
          opacity={query.isPlaceholderData ? 0.55 : 1}
          transition="opacity 120ms"
        >
          {!data ? (
            <LoadingRows label={label} columns={columns.length} />
          ) : data.items.length === 0 ? (
            empty
          ) : (
            view
          )}
        </Box>
        {position && onMove && data && data.items.length > 0 && (
          <Pager page={data} position={position} onMove={onMove} noun={noun} />
        )}
      </Box>
    </Box>
  );
}

const none: never[] = [];

function useRows<T>({
  columns,
  query,
  rowId,
  sort,
  onSort,
  hidden = none,
  selected,
  onSelect,
}: DataTableProps<T>) {
  const defs = useMemo(
    () =>
      columns.map(({ id, header, cell, sortKey }) => ({
        id,
        header,
        accessorFn: (row: T & object) => row,
        cell: ({ row }: { row: { original: T & object } }) => cell(row.original),
        enableSorting: sortKey !== undefined,
      })),
    [columns],
  );
  const columnVisibility = useMemo(() => Object.fromEntries(hidden.map((id) => [id, false])), [hidden]);
  const rowSelection = useMemo<RowSelectionState>(
    () => Object.fromEntries([...(selected ?? none)].map((id) => [id, true])),
    [selected],
  );
  const sorting = useMemo<SortingState>(() => {
    const key = sort?.replace(/^-/, '');
    const column = columns.find(({ sortKey }) => sortKey !== undefined && sortKey === key);
    return column ? [{ id: column.id, desc: sort?.startsWith('-') === true }] : [];
  }, [columns, sort]);
  return useTable({
    features,
    columns: defs,
    data: (query.data?.items ?? none) as readonly (T & object)[],
    getRowId: rowId,
    manualSorting: true,
    enableSortingRemoval: false,
    enableMultiSort: false,
    state: { columnVisibility, rowSelection, sorting },
    onRowSelectionChange: (change: Updater<RowSelectionState>) =>
      onSelect?.(new Set(Object.keys(apply(change, rowSelection)))),
    onSortingChange: (change: Updater<SortingState>) => {
      const next = apply(change, sorting)[0];
      const key = columns.find(({ id }) => id === next?.id)?.sortKey;
      if (key !== undefined) onSort?.(`${next?.desc === true ? '-' : ''}${key}`);
    },
  });
}

function apply<S>(change: Updater<S>, state: S): S {
  return typeof change === 'function' ? (change as (state: S) => S)(state) : change;
}

/** Rows of the shape that is to come. */
export function LoadingRows({
  label,
  columns = 4,
  rows = 8,
}: {
  readonly label: string;
  readonly columns?: number;
  readonly rows?: number;
}) {
  return (
    <Box role="status" aria-label={`Loading ${label.toLowerCase()}`}>
      {Array.from({ length: rows }, (_, row) => (
        <Flex
          key={row}
          align="center"
          gap="6"
          px="4"
          h="var(--row-height)"
          borderBottomWidth="1px"
          borderColor="border.muted"
        >
          {Array.from({ length: Math.min(columns, 6) }, (_cell, column) => (
            <Skeleton
              key={column}
              h="3"
              flex={column === 0 ? '2' : '1'}
              maxW={`${[70, 45, 60, 40, 55, 35][(row + column) % 6]}%`}
              hideBelow={column > 1 ? 'md' : undefined}
            />
          ))}
        </Flex>
      ))}
    </Box>
  );
}
