import { Button, Flex, Spacer, chakra } from '@chakra-ui/react';
import { keepPreviousData, useIsFetching, useQuery } from '@tanstack/react-query';
import { createLink } from '@tanstack/react-router';
import { tenantStates } from '@tenantry/contract';
import { X } from 'lucide-react';
import { useCallback } from 'react';
import { ColumnMenu } from '../../components/data-table/column-menu.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { SearchInput } from '../../components/search-input.tsx';
import { StateIcon } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { compact } from '../../lib/format.ts';
import { useNarrow } from '../../lib/use-media.ts';
import { tenantColumns } from './columns.tsx';
import type { TenantsSearch } from './routes.ts';

interface ToolbarProps {
  readonly search: TenantsSearch;
  readonly onFilter: (change: Partial<TenantsSearch>) => void;
  readonly hidden: readonly string[];
  readonly onHide: (hidden: readonly string[]) => void;
}

/** Views, search and filters of the list of tenants. */
export function TenantsToolbar({ search, onFilter, hidden, onHide }: ToolbarProps) {
  const narrow = useNarrow();
  // Counts are asked for when the rows are there: they look at every tenant, and somebody waits for the rows.
  const enabled = useIsFetching({ queryKey: ['listTenants'] }) === 0;
  const counts = { placeholderData: keepPreviousData, enabled };
  // The views count what there is at all; the menus count within what is being looked for.
  const all = useQuery({ ...read('getTenantFacets', { query: {} }), ...counts }).data;
  const within = useQuery({
    ...read('getTenantFacets', { query: search.q === undefined ? {} : { q: search.q } }),
    ...counts,
  }).data;
  const onSearch = useCallback((q: string) => onFilter({ q: q.trim() === '' ? undefined : q }), [onFilter]);
  const states = new Map(within?.state.map(({ value, tenants }) => [value, tenants]));
  const options = (values: readonly { readonly value: string; readonly tenants: number }[] | undefined) =>
    (values ?? []).map(({ value, tenants }) => ({ value, count: tenants }));
  const one = (name: 'plan' | 'cell' | 'version') => (chosen: readonly string[]) =>
    onFilter({ [name]: chosen[0] });
  return (
    <>
      <Views search={search} stateCounts={all?.state ?? []} behind={all?.behind ?? 0} />
      <Flex gap="2" mb="3" wrap="wrap" align="center">
        <SearchInput
          label="Search tenants"
          placeholder="Slug, name or id"
          value={search.q ?? ''}
          onSearch={onSearch}
        />
        <FilterMenu
          label="State"
          options={tenantStates.map((value) => ({
            value,
            label: (
              <Flex as="span" gap="2" align="center">
                <StateIcon state={value} size={14} /> {value}
              </Flex>
            ),
            ...(within ? { count: states.get(value) ?? 0 } : {}),
          }))}
          selected={list(search.state)}
          onChange={(chosen) => onFilter({ state: join(chosen) })}
        />
        <FilterMenu
          label="Plan"
          single
          options={options(within?.plan)}
          selected={list(search.plan)}
          onChange={one('plan')}
        />
        <FilterMenu
          label="Label"
          options={options(within?.label)}
          selected={list(search.label)}
          onChange={(chosen) => onFilter({ label: join(chosen) })}
        />
        <FilterMenu
          label="Version"
          single
          options={options(within?.schemaVersion)}
          selected={list(search.version)}
          onChange={one('version')}
        />
        {(within?.cell.length ?? 0) > 1 && (
          <FilterMenu
            label="Cell"
            single
            options={options(within?.cell)}
            selected={list(search.cell)}
            onChange={one('cell')}
          />
        )}
        {(search.q ??
          search.state ??
          search.plan ??
          search.label ??
          search.version ??
          search.cell ??
          search.behind) !== undefined && (
          <Button
            size="sm"
            variant="ghost"
            colorPalette="gray"
            color="fg.muted"
            onClick={() =>
              onFilter({
                q: undefined,
                state: undefined,
                plan: undefined,
                label: undefined,
                version: undefined,
                cell: undefined,
                behind: undefined,
              })
            }
          >
            <X aria-hidden /> Clear
          </Button>
        )}
        <Spacer hideBelow="md" />
        {!narrow && <ColumnMenu columns={tenantColumns} hidden={hidden} onChange={onHide} />}
      </Flex>
    </>
  );
}

const ViewLink = createLink(
  chakra('a', {
    base: {
      display: 'inline-flex',
      alignItems: 'center',
      gap: '1.5',
      h: '7',
      px: '2.5',
      rounded: 'full',
      fontSize: 'sm',
      color: 'fg.muted',
      whiteSpace: 'nowrap',
      _hover: { bg: 'bg.muted', color: 'fg' },
      '&[aria-current]': { bg: 'bg.emphasized/70', color: 'fg', fontWeight: 'medium' },
      focusVisibleRing: 'inside',
    },
  }),
);

interface ViewsProps {
  readonly search: TenantsSearch;
  readonly stateCounts: readonly { readonly value: string; readonly tenants: number }[];
  readonly behind: number;
}

/** Ready-made filters. One that would be empty is shown only while one is in it. */
function Views({ search, stateCounts, behind }: ViewsProps) {
  const counts = new Map(stateCounts.map(({ value, tenants }) => [value, tenants]));
  const sum = (...states: readonly string[]) =>
    states.reduce((total, state) => total + (counts.get(state) ?? 0), 0);
  const views: readonly { readonly label: string; readonly search: TenantsSearch; readonly count: number }[] =
    [
      {
        label: 'All',
        search: {},
        count: [...counts].reduce((n, [state, m]) => (state === 'deleted' ? n : n + m), 0),
      },
      { label: 'Active', search: { state: 'active' }, count: sum('active') },
      { label: 'Suspended', search: { state: 'suspended' }, count: sum('suspended') },
      { label: 'Archived', search: { state: 'archived' }, count: sum('archived') },
      { label: 'Being deleted', search: { state: 'deleting' }, count: sum('deleting') },
      { label: 'Behind', search: { behind: 'true' }, count: behind },
    ];
  const isCurrent = (view: TenantsSearch) =>
    (['state', 'behind', 'plan', 'label', 'version', 'cell'] as const).every(
      (name) => search[name] === view[name],
    );
  return (
    <Flex as="nav" aria-label="Views" gap="1" mb="3" overflowX="auto" mx="-1" px="1" py="0.5">
      {views
        .filter((view) => view.count > 0 || view.label === 'All' || isCurrent(view.search))
        .map((view) => (
          <ViewLink
            key={view.label}
            to="/tenants"
            search={{ ...view.search, hide: search.hide, sort: search.sort, limit: search.limit }}
            aria-current={isCurrent(view.search) ? 'true' : undefined}
          >
            {view.label}
            <chakra.span color="fg.muted" fontSize="xs" fontWeight="normal" data-numeric>
              {compact(view.count)}
            </chakra.span>
          </ViewLink>
        ))}
    </Flex>
  );
}

function list(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',');
}

function join(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(',');
}
