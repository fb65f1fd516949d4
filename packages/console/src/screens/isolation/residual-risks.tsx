import { Box, Grid, Text } from '@chakra-ui/react';
import type { IsolationRunDetail } from '@tenantry/contract';
import { Panel } from '../../components/page.tsx';

/** What every database that tenants share allows, and what reduces it: said, not hidden. */
export function ResidualRisks({ risks }: { readonly risks: IsolationRunDetail['residualRisks'] }) {
  if (risks.length === 0) return null;
  return (
    <Panel
      title="Residual risks"
      description="PostgreSQL allows these in every database that tenants share. They are no findings; a database of one’s own has none of them."
    >
      <Grid
        as="ul"
        listStyleType="none"
        templateColumns={{ base: '1fr', lg: 'repeat(2, minmax(0, 1fr))' }}
        gap="5"
      >
        {risks.map(({ id, title, statement, reducedBy }) => (
          <Box as="li" key={id}>
            <Text fontWeight="medium">{title}</Text>
            <Text color="fg.muted" mt="0.5">
              {statement}
            </Text>
            <Text mt="1">
              <Text as="span" color="fg.muted">
                Reduced by:{' '}
              </Text>
              {reducedBy}
            </Text>
          </Box>
        ))}
      </Grid>
    </Panel>
  );
}
