import { Button, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Session } from '@tenantry/contract';
import { MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';
import { Confirm } from '../../components/confirm.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Panel } from '../../components/page.tsx';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { api, read } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';

const methods: Record<Session['method'], string> = {
  apiKey: 'API key',
  code: 'one-time link',
  oidc: 'OpenID',
};

/** Browsers that are signed in. */
export function SessionsTab() {
  return (
    <Needs permission="sessions:read">
      <Sessions />
    </Needs>
  );
}

function Sessions() {
  const can = useCan();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(read('listSessions', {}));
  const [revoking, setRevoking] = useState<Session>();
  return (
    <Panel title="Sessions" description="Browsers that are signed in" flush>
      {error && !data ? (
        <Flex p="4">
          <ErrorAlert error={error} title="The sessions could not be read" onRetry={() => void refetch()} />
        </Flex>
      ) : !data ? (
        <Skeleton h="200px" />
      ) : data.items.length === 0 ? (
        <EmptyState icon={MonitorSmartphone} title="Nobody is signed in by a browser" />
      ) : (
        <SimpleTable
          label="Sessions"
          rows={data.items}
          rowId={({ id }) => id}
          columns={[
            {
              header: 'Who',
              cell: ({ actor, current }) => (
                <>
                  <Text as="span" fontWeight="medium" dir="auto">
                    {actor.name}
                  </Text>
                  {current && (
                    <Text as="span" color="fg.muted">
                      {' '}
                      (this browser)
                    </Text>
                  )}
                </>
              ),
            },
            { header: 'Role', cell: ({ role }) => role },
            { header: 'By', cell: ({ method }) => methods[method] },
            { header: 'Since', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
            { header: 'Last seen', cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} /> },
            { header: 'Ends', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
            { header: 'Address', cell: ({ sourceIp }) => sourceIp ?? <None /> },
            {
              header: 'Browser',
              cell: ({ userAgent }) => (
                <Text as="span" title={userAgent ?? undefined}>
                  {browserOf(userAgent)}
                </Text>
              ),
            },
            {
              header: 'Actions',
              align: 'end',
              pinned: true,
              cell: (session) =>
                can('sessions:write') && (
                  <Button
                    size="2xs"
                    variant="outline"
                    colorPalette="red"
                    aria-label={`Revoke the session of ${session.actor.name}`}
                    onClick={() => setRevoking(session)}
                  >
                    Revoke
                  </Button>
                ),
            },
          ]}
        />
      )}
      <Confirm
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke the session of ${revoking?.actor.name ?? ''}?`}
        effects={[
          revoking?.current === true
            ? 'It is yours: you have to sign in again.'
            : 'The next request of that browser is refused; whoever uses it has to sign in again.',
        ]}
        action="Revoke session"
        destructive
        onConfirm={async () => {
          await api.call('revokeSession', { params: { session: revoking?.id ?? '' } });
          await queries.invalidateQueries({ queryKey: ['listSessions'] });
        }}
      />
    </Panel>
  );
}

/** A name that people know, out of what a browser calls itself. */
function browserOf(userAgent: string | null): string {
  const found = /(Edg|OPR|Firefox|Chrome|Safari)\w*\/(\d+)/.exec(userAgent ?? '');
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' };
  return found ? `${names[found[1] ?? ''] ?? found[1]} ${found[2]}` : 'unknown';
}
