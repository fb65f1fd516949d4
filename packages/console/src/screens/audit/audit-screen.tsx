import { Button, Field, Flex, Input, Text } from '@chakra-ui/react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { auditOutcomes, type AuditOutcome, type EventMessage, type ListAudit } from '@tenantry/contract';
import { Radio, ScrollText, SearchX, X } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { DataTable } from '../../components/data-table/data-table.tsx';
import { fromFirstPage, pageAt } from '../../components/data-table/position.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Page } from '../../components/page.tsx';
import { SettledInput } from '../../components/settled-input.tsx';
import { read } from '../../lib/api.ts';
import { plural } from '../../lib/format.ts';
import { useLiveEvents } from '../../lib/live/live.tsx';
import { toLocalInput } from '../../lib/time.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { auditColumns } from './columns.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { ExportMenu } from './export-menu.tsx';
import { ranges, startOf } from './range.ts';
import type { AuditSearch } from './routes.ts';
import { VerifyButton } from './verify-button.tsx';

const shownColumns = auditColumns.filter(({ optional }) => optional !== true);

/** The audit trail: who did what to whom, append-only and chained by hashes. */
export function AuditScreen() {
  const [search] = useScreenSearch<AuditSearch>();
  return (
    <Page
      title="Audit"
      description="Every change and every denial, append-only. Each event carries the hash of the one before."
      actions={
        <>
          <VerifyButton />
          <ExportMenu filters={filtersOf(search)} />
        </>
      }
    >
      <Needs permission="audit:read">
        <AuditList />
      </Needs>
    </Page>
  );
}

function AuditList() {
  const [search, setSearch] = useScreenSearch<AuditSearch>();
  const { cursor, limit } = search;
  const filters = useMemo(() => filtersOf(search), [search]);
  const query: ListAudit = {
    ...filters,
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === undefined ? {} : { limit }),
  };
  const events = useQuery({ ...read('listAudit', { query }), placeholderData: keepPreviousData });
  const filter = useCallback((change: Partial<AuditSearch>) => setSearch(fromFirstPage(change)), [setSearch]);
  const filtered = Object.keys(filters).length > 0;
  return (
    <>
      <Filters search={search} onFilter={filter} filtered={filtered} />
      <NewEvents onShow={() => filter({})} />
      <DataTable
        label="Audit events"
        noun="event"
        columns={shownColumns}
        query={events}
        rowId={({ id }) => id}
        rowLink={({ id }) => ({ to: '/audit', search: { ...search, event: id } })}
        position={search}
        onMove={(next) => setSearch(pageAt(next), { push: true })}
        empty={
          filtered ? (
            <EmptyState
              icon={SearchX}
              title="No event matches"
              action={
                <Button size="sm" variant="outline" colorPalette="gray" onClick={() => filter(noFilters)}>
                  Clear filters
                </Button>
              }
            />
          ) : (
            <EmptyState icon={ScrollText} title="Nothing has happened yet" />
          )
        }
      />
      <EventDrawer id={search.event} onClose={() => setSearch({ event: undefined })} />
    </>
  );
}

interface FiltersProps {
  readonly search: AuditSearch;
  readonly onFilter: (change: Partial<AuditSearch>) => void;
  readonly filtered: boolean;
}

function Filters({ search, onFilter, filtered }: FiltersProps) {
  const text = (name: 'actor' | 'action' | 'tenant' | 'requestId') => (value: string) =>
    onFilter({ [name]: value === '' ? undefined : value });
  const moment = (name: 'from' | 'to', value: string) =>
    onFilter({ [name]: value === '' ? undefined : new Date(value).toISOString() });
  return (
    <Flex gap="2" mb="3" wrap="wrap" align="center">
      <SettledInput
        label="Action"
        placeholder="Action: tenant.*"
        value={search.action ?? ''}
        onSettle={text('action')}
      />
      <SettledInput
        label="By"
        placeholder="By: name or id"
        value={search.actor ?? ''}
        onSettle={text('actor')}
        dir="auto"
      />
      <SettledInput
        label="Tenant"
        placeholder="Tenant: slug or id"
        value={search.tenant ?? ''}
        onSettle={text('tenant')}
      />
      <SettledInput label="Request id" value={search.requestId ?? ''} onSettle={text('requestId')} />
      <FilterMenu
        label="Outcome"
        single
        options={auditOutcomes.map((value) => ({ value }))}
        selected={search.outcome === undefined ? [] : [search.outcome]}
        onChange={([outcome]) => onFilter({ outcome: outcome as AuditOutcome | undefined })}
      />
      <FilterMenu
        label="Time"
        single
        options={ranges}
        selected={search.from === undefined && search.to === undefined ? [] : ['chosen']}
        onChange={([range]) =>
          onFilter({ from: range === undefined ? undefined : startOf(range, Date.now()), to: undefined })
        }
      />
      {(search.from !== undefined || search.to !== undefined) && (
        <Flex gap="2" align="center" wrap="wrap">
          <TimeField label="From" value={search.from} onChange={(value) => moment('from', value)} />
          <TimeField label="To" value={search.to} onChange={(value) => moment('to', value)} />
        </Flex>
      )}
      {filtered && (
        <Button
          size="sm"
          variant="ghost"
          colorPalette="gray"
          color="fg.muted"
          onClick={() => onFilter(noFilters)}
        >
          <X aria-hidden /> Clear
        </Button>
      )}
    </Flex>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}

/** A moment in the reader's own zone. */
function TimeField({ label, value, onChange }: TimeFieldProps) {
  return (
    <Field.Root orientation="horizontal" w="auto" gap="1.5">
      <Field.Label color="fg.muted" fontWeight="normal" whiteSpace="nowrap">
        {label}
      </Field.Label>
      <Input
        type="datetime-local"
        size="sm"
        w="auto"
        bg="bg.panel"
        value={value === undefined ? '' : toLocalInput(value)}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field.Root>
  );
}

/** Says how many events have come since the list was read. A list that moves by itself cannot be read. */
function NewEvents({ onShow }: { readonly onShow: () => void }) {
  const queries = useQueryClient();
  const [news, setNews] = useState(0);
  const listen = useCallback((message: EventMessage) => {
    if (message.type === 'audit.recorded') setNews((known) => known + 1);
  }, []);
  useLiveEvents(listen);
  return (
    <div aria-live="polite">
      {news > 0 && (
        <Button
          size="xs"
          variant="surface"
          w="full"
          mb="3"
          onClick={() => {
            setNews(0);
            onShow();
            void queries.invalidateQueries({ queryKey: ['listAudit'] });
          }}
        >
          <Radio aria-hidden />
          <Text as="span">{plural(news, 'new event')}: show</Text>
        </Button>
      )}
    </div>
  );
}

const noFilters = {
  actor: undefined,
  action: undefined,
  tenant: undefined,
  outcome: undefined,
  requestId: undefined,
  from: undefined,
  to: undefined,
} satisfies AuditSearch;

function filtersOf(search: AuditSearch): Omit<ListAudit, 'cursor' | 'limit'> {
  return Object.fromEntries(
    Object.keys(noFilters).flatMap((name) => {
      const value = search[name as keyof typeof noFilters];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
