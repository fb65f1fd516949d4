import { Box, Flex, NativeSelect, Skeleton, Stack, Text } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { AttackTotals, IsolationRun, IsolationRunDetail } from '@tenantry/contract';
import { SearchX, Swords } from 'lucide-react';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { Panel } from '../../components/page.tsx';
import { SearchInput } from '../../components/search-input.tsx';
import { read } from '../../lib/api.ts';
import { count } from '../../lib/format.ts';
import { utcTime } from '../../lib/time.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { AttackMatrix } from './attack-matrix.tsx';
import { Figure, IsolationFrame } from './frame.tsx';
import { filterMatrix, matrixOf } from './matrix.ts';
import { ResidualRisks } from './residual-risks.tsx';
import type { AttacksSearch } from './search.ts';

/** As many attacks as a filter may leave for all of them to be shown at once. */
const openAtOnce = 60;

/** What one tenant tried against another, over every way to the database, and what PostgreSQL said. */
export function AttacksScreen() {
  return (
    <IsolationFrame tab="Attacks">
      <Attacks />
    </IsolationFrame>
  );
}

function Attacks() {
  const [search, setSearch] = useScreenSearch<AttacksSearch>();
  const runs = useQuery(
    read('listIsolationRuns', { query: { part: 'probes', state: 'succeeded', limit: 25 } }),
  );
  const run = search.run ?? runs.data?.items[0]?.id;
  const detail = useQuery({
    ...read('getIsolationRun', { params: { run: run ?? '' } }),
    enabled: run !== undefined,
    placeholderData: keepPreviousData,
  });
  const error = runs.error ?? detail.error;
  if (error) {
    return (
      <ErrorAlert
        error={error}
        title="The attacks could not be read"
        onRetry={() => void Promise.all([runs.refetch(), run === undefined ? undefined : detail.refetch()])}
      />
    );
  }
  if (runs.data !== undefined && run === undefined) {
    return (
      <Panel flush>
        <EmptyState icon={Swords} title="No attacks have been run yet">
          They run by schedule, after every change, and when somebody presses “Verify now” under Posture.
        </EmptyState>
      </Panel>
    );
  }
  if (detail.data === undefined) {
    return (
      <Stack gap="4" role="status" aria-label="Loading the attacks">
        <Skeleton h="20" rounded="lg" />
        <Skeleton h="96" rounded="lg" />
      </Stack>
    );
  }
  return <Run run={detail.data} runs={runs.data?.items ?? []} search={search} setSearch={setSearch} />;
}

interface RunProps {
  readonly run: IsolationRunDetail;
  readonly runs: readonly IsolationRun[];
  readonly search: AttacksSearch;
  readonly setSearch: (change: Partial<AttacksSearch>) => void;
}

function Run({ run, runs, search, setSearch }: RunProps) {
  const matrix = filterMatrix(matrixOf(run.matrix), { text: search.q ?? '', show: search.show ?? 'all' });
  const isFiltered = search.q !== undefined || search.show !== undefined;
  const found = matrix.families.reduce((sum, { rows }) => sum + rows.length, 0);
  const attacked = run.matrix.find(({ attack }) => attack === search.attack)?.family;
  const families = new Set(search.family?.split(',') ?? []);
  // A link to an attack leads to it.
  if (attacked !== undefined) families.add(attacked);
  const manyCells = new Set(run.matrix.map(({ cell }) => cell)).size > 1;
  return (
    <Stack gap="5">
      {run.attacks !== null && <Totals totals={run.attacks} />}
      <Box>
        <Flex gap="2" mb="3" wrap="wrap" align="center">
          <SearchInput
            label="Search attacks"
            placeholder="Search attacks"
            value={search.q ?? ''}
            onSearch={(q) => setSearch({ q: q === '' ? undefined : q })}
          />
          <FilterMenu
            label="Show"
            single
            options={[
              { value: 'wrong', label: 'Succeeded or unexpected' },
              { value: 'residual', label: 'Residual' },
              { value: 'skipped', label: 'Skipped' },
            ]}
            selected={search.show === undefined ? [] : [search.show]}
            onChange={([show]) => setSearch({ show: show as AttacksSearch['show'] })}
          />
          <NativeSelect.Root size="sm" w="auto" ms={{ md: 'auto' }}>
            <NativeSelect.Field
              aria-label="Run"
              value={run.id}
              onChange={(event) =>
                setSearch({ run: event.target.value === runs[0]?.id ? undefined : event.target.value })
              }
            >
              {withCurrent(runs, run).map(({ id, finishedAt }) => (
                <option key={id} value={id}>
                  {finishedAt === null ? id : utcTime(finishedAt).replace(/\.\d+/, '')}
                  {id === runs[0]?.id ? ' (last)' : ''}
                </option>
              ))}
            </NativeSelect.Field>
            <NativeSelect.Indicator />
          </NativeSelect.Root>
        </Flex>
        <Panel flush>
          {!run.detailed ? (
            <EmptyState icon={Swords} title="The details of this run are no longer kept">
              Its totals stay. Choose a newer run to see each attack.
            </EmptyState>
          ) : matrix.families.length === 0 ? (
            <EmptyState icon={SearchX} title="No attack fits these filters">
              {run.matrix.length === 0 ? 'This run had no attacks.' : 'Take one of them away.'}
            </EmptyState>
          ) : (
            <AttackMatrix
              matrix={matrix}
              manyCells={manyCells}
              families={isFiltered && found <= openAtOnce ? undefined : families}
              onFamily={(family) => setSearch(toggled(families, family, attacked))}
              open={search.attack}
              // Its family stays open when it is closed.
              onOpen={(attack) => setSearch({ attack, family: [...families].join(',') })}
            />
          )}
        </Panel>
      </Box>
      <ResidualRisks risks={run.residualRisks} />
    </Stack>
  );
}

/** The address with a family opened or closed; an attack of it that is open closes with it. */
function toggled(
  families: ReadonlySet<string>,
  family: string,
  attacked: string | undefined,
): Partial<AttacksSearch> {
  const next = new Set(families);
  if (!next.delete(family)) next.add(family);
  return { family: [...next].join(','), ...(attacked === family ? { attack: undefined } : {}) };
}

function Totals({ totals }: { readonly totals: AttackTotals }) {
  const { refused, succeeded, unexpected, residual, skipped, controls } = totals;
  return (
    <Panel>
      <Flex columnGap={{ base: '8', md: '12' }} rowGap="4" wrap="wrap">
        <Figure value={count(refused)} what="refused" tone="fg.success" />
        <Figure value={count(succeeded)} what="succeeded" tone={succeeded > 0 ? 'fg.error' : undefined} />
        <Figure
          value={count(unexpected)}
          what="unexpected answers"
          tone={unexpected > 0 ? 'fg.error' : undefined}
        />
        <Figure value={count(residual)} what="residual, PostgreSQL’s own" />
        <Figure value={count(skipped)} what="skipped" />
        <Figure
          value={`${count(controls.hit)} / ${count(controls.expected)}`}
          what="positive controls hit"
          tone={controls.hit < controls.expected ? 'fg.error' : undefined}
        />
      </Flex>
      <Text fontSize="xs" color="fg.muted" mt="3">
        A refusal proves something only because the same attack succeeds on the positive controls: databases
        that keep tenants apart in the usual ways.
      </Text>
    </Panel>
  );
}

/** The run of an old link may be on no page of the list. */
function withCurrent(runs: readonly IsolationRun[], current: IsolationRun): readonly IsolationRun[] {
  return runs.some(({ id }) => id === current.id) ? runs : [...runs, current];
}
