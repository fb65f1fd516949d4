import { Button, Code, Flex } from '@chakra-ui/react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ListTenants } from '@tenantry/contract';
import { Building2, Plus, SearchX } from 'lucide-react';
import { Suspense, lazy, useCallback, useMemo, useState } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { DataTable } from '../../components/data-table/data-table.tsx';
import { fromFirstPage, pageAt } from '../../components/data-table/position.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Page } from '../../components/page.tsx';
import { read } from '../../lib/api.ts';
import { baseUrl } from '../../lib/base.ts';
import { useCan } from '../../lib/session.ts';
import { useCommand } from '../../lib/shortcuts/use-command.ts';
import { useLatest } from '../../lib/use-latest.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { useNavigate } from '@tanstack/react-router';
import { tenantColumns } from './columns.tsx';
import type { TenantsSearch } from './routes.ts';
import { TenantsToolbar } from './toolbar.tsx';

const BulkBar = lazy(() => import('./bulk-bar.tsx'));

const optionalColumns = tenantColumns.filter(({ optional }) => optional === true).map(({ id }) => id);

/** Every tenant: found, filtered, sorted and paged by the server; the address says how. */
export function TenantsScreen() {
  const can = useCan();
  return (
    <Page
      title="Tenants"
      description="Customers, each with a schema, a role and a login of its own."
      actions={can('tenants:write') && <ProvisionButton />}
    >
      <Needs permission="tenants:read">
        <TenantList />
      </Needs>
    </Page>
  );
}

function ProvisionButton() {
  const navigate = useNavigate();
  useCommand({
    id: 'provision',
    label: 'Provision a tenant',
    group: 'This page',
    keys: 'c',
    words: 'create new add',
    run: () => void navigate({ to: '/tenants/new' }),
  });
  return (
    <Button asChild size="sm">
      <Link to="/tenants/new">
        <Plus aria-hidden /> Provision tenant
      </Link>
    </Button>
  );
}

function TenantList() {
  const can = useCan();
  const [search, setSearch] = useScreenSearch<TenantsSearch>();
  const { hide, page, ...query } = search;
  const tenants = useQuery({
    ...read('listTenants', { query: queryOf(query) }),
    placeholderData: keepPreviousData,
  });
  const [selected, setSelected] = useState<ReadonlySet<string>>(noneSelected);
  const hidden = useMemo(() => (hide === undefined ? optionalColumns : hide.split(',')), [hide]);
  const queries = useQueryClient();
  const queryRef = useLatest(query);
  const filter = useCallback(
    (change: Partial<TenantsSearch>) => {
      setSelected(noneSelected);
      const next = fromFirstPage(change);
      // Asked before the screen is drawn with the new address: server and browser work at the same time.
      const { hide: _hide, page: _page, ...asked } = { ...queryRef.current, ...next } as TenantsSearch;
      void queries.prefetchQuery(read('listTenants', { query: queryOf(asked) }));
      setSearch(next);
    },
    [setSearch, queries, queryRef],
  );
  const filtered = isFiltered(search);
  const chosen = tenants.data?.items.filter(({ id }) => selected.has(id)) ?? [];
  return (
    <>
      <TenantsToolbar
        search={search}
        onFilter={filter}
        hidden={hidden}
        onHide={(next) => setSearch({ hide: next.length === 0 ? '-' : next.join(',') })}
      />
      <DataTable
        label="Tenants"
        noun="tenant"
        columns={tenantColumns}
        query={tenants}
        rowId={({ id }) => id}
        rowName={({ name }) => name}
        rowLink={({ id }) => ({ to: '/tenants/$tenant', params: { tenant: id } })}
        sort={search.sort ?? '-createdAt'}
        onSort={(sort) => filter({ sort: sort as TenantsSearch['sort'] })}
        hidden={hidden}
        {...(can('tenants:write') ? { selected, onSelect: setSelected } : {})}
        position={search}
        onMove={(position) => {
          setSelected(noneSelected);
          setSearch(pageAt(position), { push: true });
        }}
        empty={filtered ? <NothingFound onClear={() => filter(noFilters)} /> : <NoTenants />}
      />
      <Suspense>
        {chosen.length > 0 && <BulkBar tenants={chosen} onClose={() => setSelected(noneSelected)} />}
      </Suspense>
    </>
  );
}

const noneSelected: ReadonlySet<string> = new Set();

const noFilters = {
  q: undefined,
  state: undefined,
  plan: undefined,
  cell: undefined,
  label: undefined,
  version: undefined,
  behind: undefined,
} satisfies TenantsSearch;

function isFiltered(search: TenantsSearch): boolean {
  return Object.keys(noFilters).some((name) => search[name as keyof typeof noFilters] !== undefined);
}

/** What is undefined must not stand in the key of the cache either. */
function queryOf(search: Omit<TenantsSearch, 'hide' | 'page'>): ListTenants {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

function NothingFound({ onClear }: { readonly onClear: () => void }) {
  return (
    <EmptyState
      icon={SearchX}
      title="No tenant matches"
      action={
        <Button size="sm" variant="outline" colorPalette="gray" onClick={onClear}>
          Clear filters
        </Button>
      }
    >
      Tenants that were purged are shown only when you filter by the state <Code size="sm">deleted</Code>.
    </EmptyState>
  );
}

function NoTenants() {
  const can = useCan();
  const curl = `curl ${baseUrl}/v1/tenants \\\n  -H "Authorization: Bearer $TENANTRY_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d '{"slug":"acme","name":"Acme"}'`;
  return (
    <EmptyState
      icon={Building2}
      title="No tenants yet"
      action={
        can('tenants:write') && (
          <Flex direction="column" gap="5" align="center" maxW="560px">
            <Button asChild size="sm">
              <Link to="/tenants/new">
                <Plus aria-hidden /> Provision the first tenant
              </Link>
            </Button>
            <Flex direction="column" w="full" textAlign="start">
              <CodeBlock label="or by the API" code={curl} wrap />
            </Flex>
          </Flex>
        )
      }
    >
      A tenant is a customer with a schema, a role and a login in PostgreSQL. Making one takes well under a
      second.
    </EmptyState>
  );
}
