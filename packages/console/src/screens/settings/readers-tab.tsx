import { Button, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Reader } from '@tenantry/contract';
import { Glasses } from 'lucide-react';
import { useState } from 'react';
import { Mono } from '../../components/code-block.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Panel } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { api, read } from '../../lib/api.ts';
import { plural } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';

/** Logins that read the data of some tenants for a while: who opened them, why, until when. */
export function ReadersTab() {
  return (
    <Needs permission="readers:read">
      <Readers />
    </Needs>
  );
}

function Readers() {
  const can = useCan();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(read('listReaders', {}));
  const [closing, setClosing] = useState<Reader>();
  return (
    <Panel
      title="Break-glass readers"
      description="Opened with “tenantry reader open”, which shows the password once"
      flush
    >
      {error && !data ? (
        <Flex p="4">
          <ErrorAlert error={error} title="The readers could not be read" onRetry={() => void refetch()} />
        </Flex>
      ) : !data ? (
        <Skeleton h="160px" />
      ) : data.items.length === 0 ? (
        <EmptyState icon={Glasses} title="No reader was ever opened">
          Nobody has read across tenants.
        </EmptyState>
      ) : (
        <SimpleTable
          label="Break-glass readers"
          rows={data.items}
          rowId={({ id }) => id}
          columns={[
            { header: 'Login', cell: ({ login }) => <Mono>{login}</Mono> },
            { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
            {
              header: 'Reads',
              cell: ({ tenants }) => (
                <Text as="span" title={tenants.map(({ slug, id }) => slug ?? id).join(', ')}>
                  {plural(tenants.length, 'tenant')}
                </Text>
              ),
            },
            {
              header: 'Reason',
              cell: ({ reason }) => (
                <Text
                  as="span"
                  display="inline-block"
                  maxW="320px"
                  truncate
                  verticalAlign="bottom"
                  dir="auto"
                  title={reason}
                >
                  {reason}
                </Text>
              ),
            },
            { header: 'By', cell: ({ createdBy }) => <bdi>{createdBy}</bdi> },
            { header: 'Opened', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
            {
              header: 'Ends',
              cell: ({ expiresAt, closedAt }) => <RelativeTime at={closedAt ?? expiresAt} />,
            },
            {
              header: 'Actions',
              align: 'end',
              pinned: true,
              cell: (reader) =>
                can('readers:write') &&
                reader.state === 'open' && (
                  <Button
                    size="2xs"
                    variant="outline"
                    colorPalette="red"
                    aria-label={`Close ${reader.login}`}
                    onClick={() => setClosing(reader)}
                  >
                    Close
                  </Button>
                ),
            },
          ]}
        />
      )}
      <Confirm
        open={closing !== undefined}
        onClose={() => setClosing(undefined)}
        title={`Close ${closing?.login ?? ''}?`}
        effects={['Its sessions are ended, and its login is dropped.']}
        action="Close reader"
        destructive
        onConfirm={async () => {
          await api.call('closeReader', { params: { reader: closing?.id ?? '' } });
          await queries.invalidateQueries({ queryKey: ['listReaders'] });
        }}
      />
    </Panel>
  );
}
