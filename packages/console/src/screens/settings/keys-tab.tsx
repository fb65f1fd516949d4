import { Button, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKey } from '@tenantry/contract';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { Confirm } from '../../components/confirm.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Panel } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { api, read } from '../../lib/api.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';

/** Keys of programs: who may do what, until when, and when each was last used. */
export function KeysTab() {
  return (
    <Needs permission="keys:read">
      <Keys />
    </Needs>
  );
}

function Keys() {
  const can = useCan();
  const me = useMe();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(read('listKeys', {}));
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey>();
  return (
    <Panel
      title="API keys"
      description="Only their hashes are stored"
      flush
      actions={
        can('keys:write') && (
          <Button size="xs" onClick={() => setCreating(true)}>
            <Plus aria-hidden /> Create key
          </Button>
        )
      }
    >
      {error && !data ? (
        <Flex p="4">
          <ErrorAlert error={error} title="The keys could not be read" onRetry={() => void refetch()} />
        </Flex>
      ) : !data ? (
        <Skeleton h="200px" />
      ) : data.items.length === 0 ? (
        <EmptyState icon={KeyRound} title="No API keys" />
      ) : (
        <SimpleTable
          label="API keys"
          rows={data.items}
          rowId={({ id }) => id}
          columns={[
            {
              header: 'Name',
              cell: ({ name, id }) => (
                <>
                  <Text as="span" fontWeight="medium" dir="auto">
                    {name}
                  </Text>{' '}
                  <Text as="span" fontFamily="mono" fontSize="xs" color="fg.muted">
                    {id}
                  </Text>
                </>
              ),
            },
            { header: 'State', cell: (key) => <StateBadge state={keyState(key)} /> },
            { header: 'Role', cell: ({ role, scopes }) => (scopes === null ? role : `${role}, narrowed`) },
            { header: 'Created', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
            { header: 'Last used', cell: ({ lastUsedAt }) => <RelativeTime at={lastUsedAt} /> },
            { header: 'Expires', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
            {
              header: 'Actions',
              align: 'end',
              pinned: true,
              cell: (key) =>
                can('keys:write') &&
                keyState(key) === 'active' && (
                  <Button
                    size="2xs"
                    variant="outline"
                    colorPalette="red"
                    aria-label={`Revoke ${key.name}`}
                    onClick={() => setRevoking(key)}
                  >
                    Revoke
                  </Button>
                ),
            },
          ]}
        />
      )}
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
      <Confirm
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke ${revoking?.name ?? ''}?`}
        effects={[
          'Every program that uses it is refused from its next request on, and its streams end.',
          ...(revoking?.id === me.actor.id
            ? ['It is the key that you signed in with: this session ends, too.']
            : []),
        ]}
        irreversible="A revoked key never works again. Create another one instead."
        action="Revoke key"
        destructive
        onConfirm={async () => {
          await api.call('revokeKey', { params: { key: revoking?.id ?? '' } });
          await queries.invalidateQueries({ queryKey: ['listKeys'] });
        }}
      />
    </Panel>
  );
}

function keyState({ revokedAt, expiresAt }: ApiKey): 'active' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active';
}
