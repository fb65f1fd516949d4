import { Button, Flex, Grid, Skeleton, Text } from '@chakra-ui/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Tenant, TenantAccess } from '@tenantry/contract';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { Mono } from '../../components/code-block.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Details } from '../../components/details.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { notify } from '../../components/toaster.tsx';
import { api, read } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { rememberTenant } from '../../lib/tenants/cache.ts';
import { useTenant } from './use-tenant.ts';

/** Who can reach the tenant's data, by PostgreSQL's own account. */
export function SecurityTab() {
  const tenant = useTenant();
  const { data, error, refetch } = useQuery(read('getTenantAccess', { params: { tenant: tenant.id } }));
  if (error && !data)
    return <ErrorAlert error={error} title="The catalogs could not be read" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton h="360px" rounded="lg" />;
  return (
    <Flex direction="column" gap="5">
      <Grid templateColumns={{ base: '1fr', lg: 'repeat(2, minmax(0, 1fr))' }} gap="5" alignItems="start">
        <Login access={data} />
        <Credential tenant={tenant} access={data} />
      </Grid>
      <Panel title="Privileges" description="Who may do what in the schema" flush>
        <SimpleTable
          label="Privileges"
          columns={privilegeColumns}
          rows={data.privileges}
          rowId={({ grantee, on, privileges }) => `${grantee} ${on} ${privileges.join()}`}
        />
      </Panel>
      <Panel title="Memberships" description="Roles that contain one another" flush>
        {data.memberships.length === 0 ? (
          <Text p="4" color="fg.muted">
            None
          </Text>
        ) : (
          <SimpleTable
            label="Memberships"
            columns={membershipColumns}
            rows={data.memberships}
            rowId={({ role, member }) => `${role} ${member}`}
          />
        )}
      </Panel>
      <Panel title="Sessions now" description="Connections to PostgreSQL as this tenant" flush>
        {data.sessions.length === 0 ? (
          <Text p="4" color="fg.muted">
            Nobody is connected.
          </Text>
        ) : (
          <SimpleTable
            label="Sessions"
            columns={sessionColumns}
            rows={data.sessions}
            rowId={({ pid }) => String(pid)}
            maxHeight="360px"
          />
        )}
      </Panel>
    </Flex>
  );
}

function Login({ access: { login, owner, lanes, slots, readers } }: { readonly access: TenantAccess }) {
  return (
    <Panel title="Login">
      {login ? (
        <Details
          items={[
            { name: 'Login', value: <Mono copy="login">{login.role}</Mono> },
            { name: 'May log in', value: login.canLogin ? 'yes' : 'no' },
            { name: 'Uses the schema', value: login.usesSchema ? 'yes' : 'no' },
            {
              name: 'Connections',
              value: login.connectionLimit < 0 ? 'no limit' : `at most ${login.connectionLimit}`,
            },
            {
              name: 'Settings',
              value: login.settings.length === 0 ? <None /> : <Mono>{login.settings.join(', ')}</Mono>,
            },
            {
              name: 'Owner',
              value: owner ? (
                <>
                  <Mono>{owner.role}</Mono> {owner.canLogin ? '(may log in)' : '(no login)'}
                </>
              ) : (
                <None />
              ),
            },
            { name: 'Lanes', value: lanes.join(', ') },
            { name: 'Leased to', value: slots.length === 0 ? <None /> : slots.join(', ') },
            { name: 'Break-glass readers', value: readers.length === 0 ? <None /> : readers.join(', ') },
          ]}
        />
      ) : (
        <Text color="fg.muted">PostgreSQL has no login of this tenant.</Text>
      )}
    </Panel>
  );
}

function Credential({ tenant, access }: { readonly tenant: Tenant; readonly access: TenantAccess }) {
  const can = useCan();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const { version, inDatabase } = access.credential;
  return (
    <Panel
      title="Credential"
      description="Derived from a key and a number; stored nowhere"
      actions={
        can('tenants:write') &&
        tenant.state !== 'deleted' && (
          <Button size="xs" variant="outline" colorPalette="gray" onClick={() => setAsking(true)}>
            <KeyRound aria-hidden /> Rotate
          </Button>
        )
      }
    >
      <Details
        items={[
          { name: 'Version', value: version },
          {
            name: 'In PostgreSQL',
            value: (
              <Text as="span" color={inDatabase === version ? undefined : 'fg.error'}>
                {inDatabase === version
                  ? 'the same'
                  : `${inDatabase}: applications cannot log in until it is settled`}
              </Text>
            ),
          },
        ]}
      />
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Rotate the credential of ${tenant.name}?`}
        effects={[
          'The login gets the next version of its secret, and its open connections are ended.',
          'Applications that derive the secret themselves get the new one at their next connection.',
          'Whoever has copied the old secret is locked out.',
        ]}
        reason="optional"
        action="Rotate credential"
        destructive
        onConfirm={async ({ reason }) => {
          const after = await api.call('rotateTenantCredential', {
            params: { tenant: tenant.id },
            body: reason === undefined ? {} : { reason },
          });
          rememberTenant(queries, after);
          void queries.invalidateQueries({ queryKey: ['getTenantAccess'] });
          notify({ title: `The credential of ${tenant.name} is now version ${after.credentialVersion}` });
        }}
      />
    </Panel>
  );
}

const privilegeColumns = [
  { header: 'Role', cell: ({ grantee }: Privilege) => <Mono>{grantee}</Mono> },
  { header: 'On', cell: ({ on, objects }: Privilege) => `${objects} ${on}${objects === 1 ? '' : 's'}` },
  { header: 'May', cell: ({ privileges }: Privilege) => <Mono>{privileges.join(', ')}</Mono> },
];

const membershipColumns = [
  { header: 'Role', cell: ({ role }: Membership) => <Mono>{role}</Mono> },
  { header: 'Member', cell: ({ member }: Membership) => <Mono>{member}</Mono> },
  {
    header: 'With',
    cell: ({ inherit, set, admin }: Membership) =>
      [inherit && 'INHERIT', set && 'SET', admin && 'ADMIN'].filter(Boolean).join(', ') || 'nothing',
  },
];

const sessionColumns = [
  { header: 'PID', cell: ({ pid }: Session) => pid },
  { header: 'Lane', cell: ({ lane }: Session) => lane },
  { header: 'Login', cell: ({ login }: Session) => <Mono>{login}</Mono> },
  { header: 'Application', cell: ({ applicationName }: Session) => applicationName ?? <None /> },
  { header: 'State', cell: ({ state }: Session) => state ?? <None /> },
  { header: 'Since', cell: ({ since }: Session) => <RelativeTime at={since} /> },
  { header: 'Address', cell: ({ clientAddress }: Session) => clientAddress ?? <None /> },
];

type Privilege = TenantAccess['privileges'][number];
type Membership = TenantAccess['memberships'][number];
type Session = TenantAccess['sessions'][number];
