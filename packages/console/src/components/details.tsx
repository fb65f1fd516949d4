import { Grid, chakra } from '@chakra-ui/react';
import type { ReactNode } from 'react';

/** Names and values, as a description list. A value of null is left out. */
export function Details({
  items,
  columns = 1,
}: {
  readonly items: readonly DetailItem[];
  readonly columns?: 1 | 2;
}) {
  return (
    <Grid
      as="dl"
      templateColumns={{ base: '1fr', sm: columns === 2 ? 'repeat(2, minmax(0, 1fr))' : '1fr' }}
      columnGap="8"
      fontSize="sm"
    >
      {items.map(({ name, value }) => (
        <Grid
          key={name}
          templateColumns="minmax(112px, 0.6fr) minmax(0, 1fr)"
          gap="3"
          py="1.5"
          alignItems="baseline"
        >
          <chakra.dt color="fg.muted">{name}</chakra.dt>
          <chakra.dd minW="0" overflowWrap="anywhere">
            {value}
          </chakra.dd>
        </Grid>
      ))}
    </Grid>
  );
}

export interface DetailItem {
  readonly name: string;
  readonly value: ReactNode;
}
