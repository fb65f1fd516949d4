import { Box, chakra } from '@chakra-ui/react';
import type { ReactNode } from 'react';

interface SimpleColumn<T> {
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  readonly align?: 'start' | 'end';
  /** Stays in sight where the table is too wide, as what can be done with a row does. */
  readonly pinned?: true;
}

interface SimpleTableProps<T> {
  readonly label: string;
  readonly columns: readonly SimpleColumn<T>[];
  readonly rows: readonly T[];
  readonly rowId: (row: T) => string;
  /** Highest it grows before it scrolls. */
  readonly maxHeight?: string;
}

/** A short list that is there as a whole, such as the tables of one tenant. It scrolls by itself where it is too wide. */
export function SimpleTable<T>({ label, columns, rows, rowId, maxHeight }: SimpleTableProps<T>) {
  return (
    <Box
      // What is for screen readers only stands absolutely: it scrolls with the table only where the table is its place.
      position="relative"
      overflow="auto"
      maxH={maxHeight}
      tabIndex={0}
      role="region"
      aria-label={label}
      focusVisibleRing="inside"
    >
      <chakra.table w="full" css={{ borderCollapse: 'collapse' }} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ header, align = 'start', pinned }) => (
              <chakra.th
                key={header}
                scope="col"
                textAlign={align}
                px="4"
                h="9"
                fontSize="xs"
                fontWeight="medium"
                color="fg.muted"
                whiteSpace="nowrap"
                bg="bg.subtle"
                position="sticky"
                top="0"
                {...(pinned && { right: '0', zIndex: '1' })}
              >
                {header}
              </chakra.th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <chakra.tr key={rowId(row)} borderTopWidth="1px" borderColor="border.muted">
              {columns.map(({ header, cell, align = 'start', pinned }) => (
                <chakra.td
                  key={header}
                  textAlign={align}
                  px="4"
                  py="2"
                  whiteSpace="nowrap"
                  {...(pinned && { position: 'sticky', right: '0', bg: 'bg.panel' })}
                >
                  {cell(row)}
                </chakra.td>
              ))}
            </chakra.tr>
          ))}
        </tbody>
      </chakra.table>
    </Box>
  );
}
