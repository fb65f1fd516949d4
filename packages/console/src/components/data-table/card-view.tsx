import { Box, Flex, chakra } from '@chakra-ui/react';
import { RowAnchor, SelectBox, openFromRow, type ViewProps } from './table-view.tsx';

/** Rows as cards, on narrow screens: a table of ten columns can be read on none. */
export function CardView<T>({ label, table, columns, rowLink, rowName, selectable }: ViewProps<T>) {
  const visible = table.getVisibleLeafColumns().map(({ id }) => columns.get(id)!);
  const title = visible.find(({ card }) => card === 'title') ?? visible[0];
  const badges = visible.filter(({ card }) => card === 'badge');
  const lines = visible.filter((column) => column !== title && (column.card ?? 'line') === 'line');
  return (
    <Box as="ul" aria-label={label} listStyleType="none">
      {table.getRowModel().rows.map((row) => (
        <Flex
          as="li"
          key={row.id}
          data-row={row.id}
          gap="3"
          px="4"
          py="3"
          borderBottomWidth="1px"
          borderColor="border.muted"
          _last={{ borderBottomWidth: 0 }}
          bg={row.getIsSelected() ? 'brand.subtle/50' : undefined}
          onClick={openFromRow}
        >
          {selectable && (
            <Box pt="0.5">
              <SelectBox
                label={`Select ${rowName(row.original)}`}
                checked={row.getIsSelected()}
                onChange={(on) => row.toggleSelected(on)}
              />
            </Box>
          )}
          <Box flex="1" minW="0">
            <Flex justify="space-between" gap="3" align="flex-start">
              <Box minW="0" overflowWrap="anywhere">
                {rowLink ? (
                  <RowAnchor {...rowLink(row.original)} data-row-link>
                    {title?.cell(row.original)}
                  </RowAnchor>
                ) : (
                  title?.cell(row.original)
                )}
              </Box>
              <Flex gap="1" flexShrink={0}>
                {badges.map(({ id, cell }) => (
                  <Box key={id}>{cell(row.original)}</Box>
                ))}
              </Flex>
            </Flex>
            <Flex as="dl" wrap="wrap" columnGap="4" rowGap="0.5" mt="1.5" fontSize="xs">
              {lines.map(({ id, header, cell }) => (
                <Flex key={id} gap="1" minW="0" maxW="full">
                  <chakra.dt color="fg.muted" flexShrink={0}>
                    {header}
                  </chakra.dt>
                  <chakra.dd minW="0" truncate>
                    {cell(row.original)}
                  </chakra.dd>
                </Flex>
              ))}
            </Flex>
          </Box>
        </Flex>
      ))}
    </Box>
  );
}
