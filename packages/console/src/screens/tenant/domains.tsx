import { Button, Field, Flex, IconButton, Input, Skeleton, Text } from '@chakra-ui/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Tenant } from '@tenantry/contract';
import { X } from 'lucide-react';
import { useState, type SyntheticEvent } from 'react';
import { Confirm } from '../../components/confirm.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { api, read } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';

/** Host names of the customer's own that lead to the tenant. */
export function Domains({ tenant }: { readonly tenant: Tenant }) {
  const params = { tenant: tenant.id };
  const can = useCan();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(read('listTenantDomains', { params }));
  const [removing, setRemoving] = useState<string>();
  const editable = can('tenants:write') && tenant.state !== 'deleted';
  return (
    <Panel title="Custom domains" description="Host names of the customer’s own that lead to this tenant">
      {error && !data ? (
        <ErrorAlert error={error} title="The domains could not be read" onRetry={() => void refetch()} />
      ) : data ? (
        <Flex direction="column" gap="1">
          {data.items.length === 0 && <Text color="fg.muted">None</Text>}
          {data.items.map(({ domain, createdAt }) => (
            <Flex key={domain} align="center" gap="3" minH="8">
              <Text fontFamily="mono" fontSize="sm" flex="1" minW="0" overflowWrap="anywhere">
                {domain}
              </Text>
              <Text color="fg.muted" fontSize="xs">
                <RelativeTime at={createdAt} />
              </Text>
              {editable && (
                <IconButton
                  size="2xs"
                  variant="ghost"
                  colorPalette="gray"
                  aria-label={`Remove ${domain}`}
                  onClick={() => setRemoving(domain)}
                >
                  <X aria-hidden />
                </IconButton>
              )}
            </Flex>
          ))}
          {editable && <AddDomain tenant={tenant} />}
        </Flex>
      ) : (
        <Skeleton h="8" />
      )}
      <Confirm
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={`Remove ${removing ?? ''}?`}
        effects={['Requests to this host name lead to no tenant any more, as soon as applications notice.']}
        action="Remove domain"
        destructive
        onConfirm={async () => {
          await api.call('removeTenantDomain', { params: { tenant: tenant.id, domain: removing ?? '' } });
          await queries.invalidateQueries({ queryKey: ['listTenantDomains'] });
        }}
      />
    </Panel>
  );
}

function AddDomain({ tenant }: { readonly tenant: Tenant }) {
  const queries = useQueryClient();
  const [domain, setDomain] = useState('');
  const [error, setError] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const add = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (domain.trim() === '') return;
    setSaving(true);
    setError(undefined);
    try {
      await api.call('addTenantDomain', { params: { tenant: tenant.id, domain: domain.trim() } });
      await queries.invalidateQueries({ queryKey: ['listTenantDomains'] });
      setDomain('');
    } catch (failure) {
      setError(failure);
    } finally {
      setSaving(false);
    }
  };
  return (
    <Flex as="form" direction="column" gap="3" mt="2" onSubmit={(event) => void add(event)}>
      <Flex gap="2" align="flex-end">
        <Field.Root>
          <Field.Label>Add a domain</Field.Label>
          <Input
            size="sm"
            placeholder="app.example.com"
            value={domain}
            maxLength={253}
            autoComplete="off"
            onChange={(event) => setDomain(event.target.value)}
          />
        </Field.Root>
        <Button
          type="submit"
          size="sm"
          variant="outline"
          colorPalette="gray"
          loading={saving}
          disabled={domain.trim() === ''}
        >
          Add
        </Button>
      </Flex>
      {error !== undefined && <ErrorAlert error={error} />}
    </Flex>
  );
}
