import {
  Box,
  Button,
  Field,
  Flex,
  Grid,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  Textarea,
  chakra,
} from '@chakra-ui/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Playground, PlaygroundResult, PlaygroundTenant } from '@tenantry/contract';
import { FlaskConical, Play } from 'lucide-react';
import { useState, type SyntheticEvent } from 'react';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Panel } from '../../components/page.tsx';
import { api, keyOf, read } from '../../lib/api.ts';
import { bytes, count } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { duration } from '../../lib/time.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { DevelopersFrame } from './frame.tsx';
import { PlaygroundAnswer } from './playground-answer.tsx';
import type { PlaygroundSearch } from './search.ts';

/** One statement, run as two tenants: what PostgreSQL gives the one, it refuses the other. */
export function PlaygroundScreen() {
  return (
    <DevelopersFrame tab="Isolation playground">
      <Needs permission="playground:run">
        <Prepared />
      </Needs>
    </DevelopersFrame>
  );
}

function Prepared() {
  const queries = useQueryClient();
  const can = useCan();
  const [preparing, setPreparing] = useState(false);
  const playground = useQuery({
    ...read('getPlayground', {}),
    refetchInterval: ({ state }) => (preparing && (state.data?.tenants.length ?? 0) < 2 ? 500 : false),
  });
  const prepare = useMutation({
    mutationFn: () => api.call('preparePlayground', {}),
    onSuccess: async () => {
      setPreparing(true);
      await queries.invalidateQueries({ queryKey: keyOf('getPlayground', {}) });
    },
  });
  const { data, error, refetch } = playground;
  if (error)
    return (
      <ErrorAlert error={error} title="The playground could not be read" onRetry={() => void refetch()} />
    );
  if (data === undefined)
    return <Skeleton h="96" rounded="lg" role="status" aria-label="Loading the playground" />;
  if (data.tenants.length >= 2) return <Bench playground={data} />;
  return (
    <Panel flush>
      <EmptyState
        icon={FlaskConical}
        title="Two sandbox tenants are needed"
        action={
          can('tenants:write') ? (
            <Button
              size="sm"
              colorPalette="brand"
              loading={prepare.isPending || preparing}
              loadingText="Provisioning"
              onClick={() => prepare.mutate()}
            >
              Provision the sandbox tenants
            </Button>
          ) : undefined
        }
      >
        Only tenants with the label{' '}
        <Text as="code" fontFamily="mono">
          sandbox=true
        </Text>{' '}
        can be queried from here. One query is then run as the first, and the same one as the second.
        {!can('tenants:write') && ' Ask somebody with the permission tenants:write to provision them.'}
      </EmptyState>
      {prepare.error && (
        <Box p="4">
          <ErrorAlert error={prepare.error} title="The sandbox tenants could not be provisioned" />
        </Box>
      )}
    </Panel>
  );
}

/** A statement that one tenant may run and the other may not. */
function statementOf(tenant: PlaygroundTenant): string {
  const own = tenant.tables.filter((name) => name !== 'flyway_schema_history');
  const table = own.find((name) => name === 'accounts') ?? own[0] ?? 'flyway_schema_history';
  return `SELECT current_user, count(*) AS rows\nFROM ${tenant.schema}.${table};`;
}

function Bench({ playground }: { readonly playground: Playground }) {
  const [search, setSearch] = useScreenSearch<PlaygroundSearch>();
  const { tenants, examples, limits } = playground;
  const a = tenants.find(({ slug }) => slug === search.a) ?? tenants[0]!;
  const b = tenants.find(({ slug }) => slug === search.b) ?? tenants.find(({ id }) => id !== a.id)!;
  const [sql, setSql] = useState(search.sql ?? statementOf(a));
  const run = useMutation({
    mutationFn: async (statement: string) => Promise.all([runAs(a, statement), runAs(b, statement)]),
  });
  const submit = (event?: SyntheticEvent) => {
    event?.preventDefault();
    if (sql.trim() === '' || run.isPending) return;
    setSearch({ a: a.slug, b: b.slug, sql });
    run.mutate(sql);
  };
  const choose = (change: Partial<PlaygroundSearch>) => {
    run.reset();
    setSearch(change);
  };
  return (
    <Stack gap="5">
      <Grid templateColumns={{ base: '1fr', lg: 'minmax(0, 1fr) 300px' }} gap="5" alignItems="start">
        <Stack gap="5" minW="0">
          <Panel title="Statement">
            <Flex as="form" direction="column" gap="3" onSubmit={submit} aria-label="Run a statement">
              <Textarea
                aria-label="SQL"
                fontFamily="mono"
                fontSize="sm"
                rows={5}
                autoresize
                maxH="320px"
                value={sql}
                maxLength={10_000}
                spellCheck={false}
                dir="ltr"
                onChange={(event) => setSql(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
                }}
              />
              <Flex gap="3" wrap="wrap" align="flex-end">
                <TenantSelect
                  label="Run as"
                  tenants={tenants}
                  value={a}
                  other={b}
                  onChange={(slug) => choose({ a: slug })}
                />
                <TenantSelect
                  label="and as"
                  tenants={tenants}
                  value={b}
                  other={a}
                  onChange={(slug) => choose({ b: slug })}
                />
                <Button
                  type="submit"
                  size="sm"
                  colorPalette="brand"
                  loading={run.isPending}
                  loadingText="Running"
                  disabled={sql.trim() === ''}
                >
                  <Play aria-hidden /> Run as both
                </Button>
              </Flex>
              <Text fontSize="xs" color="fg.muted">
                One statement, read only, rolled back; at most {duration(limits.ms)}, {count(limits.rows)}{' '}
                rows, {bytes(limits.bytes)}. Each run logs in as that tenant: the control plane adds nothing
                and filters nothing.
              </Text>
            </Flex>
          </Panel>
          <Grid
            templateColumns={{ base: '1fr', lg: 'repeat(2, minmax(0, 1fr))' }}
            gap="5"
            alignItems="start"
            aria-live="polite"
          >
            {[a, b].map((tenant, at) => (
              <PlaygroundAnswer
                key={tenant.id}
                tenant={tenant}
                pending={run.isPending}
                answer={run.data?.[at]}
              />
            ))}
          </Grid>
        </Stack>
        <Panel title="Try these" flush>
          <Box as="ul" listStyleType="none" aria-label="Examples">
            {examples.map(({ title, sql: example, expects }) => (
              <Box
                as="li"
                key={`${title} ${example}`}
                borderTopWidth="1px"
                borderColor="border.muted"
                _first={{ borderTopWidth: '0' }}
              >
                <chakra.button
                  type="button"
                  onClick={() => {
                    setSql(example);
                    run.reset();
                  }}
                  display="block"
                  w="full"
                  px="4"
                  py="2.5"
                  textAlign="start"
                  cursor="pointer"
                  _hover={{ bg: 'bg.subtle' }}
                  focusVisibleRing="inside"
                >
                  <Text fontWeight="medium">{title}</Text>
                  <Text fontSize="xs" color="fg.muted">
                    {expects === 'rows' ? 'gives rows' : `refused with ${expects}`}
                  </Text>
                </chakra.button>
              </Box>
            ))}
          </Box>
        </Panel>
      </Grid>
    </Stack>
  );
}

/** What came of a run: PostgreSQL's answer, or why there is none. */
export type Tried = { readonly result: PlaygroundResult } | { readonly error: unknown };

async function runAs(tenant: PlaygroundTenant, sql: string): Promise<Tried> {
  try {
    return { result: await api.call('runPlaygroundQuery', { body: { tenant: tenant.id, sql } }) };
  } catch (error) {
    return { error };
  }
}

interface TenantSelectProps {
  readonly label: string;
  readonly tenants: readonly PlaygroundTenant[];
  readonly value: PlaygroundTenant;
  readonly other: PlaygroundTenant;
  readonly onChange: (slug: string) => void;
}

function TenantSelect({ label, tenants, value, other, onChange }: TenantSelectProps) {
  return (
    <Field.Root w="auto">
      <Field.Label fontSize="xs" color="fg.muted">
        {label}
      </Field.Label>
      <NativeSelect.Root size="sm">
        <NativeSelect.Field value={value.slug} onChange={(event) => onChange(event.target.value)}>
          {tenants
            .filter(({ id }) => id !== other.id)
            .map(({ id, slug }) => (
              <option key={id} value={slug}>
                {slug}
              </option>
            ))}
        </NativeSelect.Field>
        <NativeSelect.Indicator />
      </NativeSelect.Root>
    </Field.Root>
  );
}
