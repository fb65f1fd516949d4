import type { CountedCell, StoredRun } from './input.ts';
import type { EvidencePopulation, EvidenceTenant } from './types.ts';

/** Every tenant of the registry, reconciled with what the runs have counted in the databases. */
export function populationOf(
  tenants: readonly EvidenceTenant[],
  runs: readonly StoredRun[],
  now?: readonly CountedCell[],
): EvidencePopulation {
  const counted =
    now === undefined ? latestCounts(runs) : new Map(now.map(({ cell, found }) => [cell, found]));
  const told = now?.flatMap(({ differences: each }) => each) ?? [];
  const cells = [...new Set([...tenants.map(({ cell }) => cell), ...counted.keys()])];
  const differences = cells.flatMap((cell) => {
    const here = tenants.filter((tenant) => tenant.cell === cell).length;
    const there = counted.get(cell);
    if (there === undefined)
      return [`No run has counted the tenants of the cell ${cell}; the registry has ${here}.`];
    return there === here ? [] : [`The cell ${cell} has ${there} schemas of tenants, the registry ${here}.`];
  });
  return {
    registered: tenants.length,
    found: counted.size === 0 ? null : [...counted.values()].reduce((sum, each) => sum + each, 0),
    reconciled: differences.length === 0 && told.length === 0,
    differences: [...differences, ...told],
    byState: countBy(tenants, ({ state }) => state),
    byLevel: countBy(tenants, ({ level }) => level),
    tenants: tenants.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** By the newest run of each cell that has read the catalogs. */
function latestCounts(runs: readonly StoredRun[]): ReadonlyMap<string, number> {
  const counts = new Map<string, { readonly at: string; readonly tenants: number }>();
  for (const { cell, result } of runs) {
    if (result.checks.length === 0) continue;
    const known = counts.get(cell);
    if (known === undefined || known.at < result.finishedAt)
      counts.set(cell, { at: result.finishedAt, tenants: result.population.tenants });
  }
  return new Map([...counts].map(([cell, { tenants }]) => [cell, tenants]));
}

function countBy<T>(all: readonly T[], of: (each: T) => string): readonly (readonly [string, number])[] {
  const groups = Map.groupBy(all, of);
  return [...groups].map(([name, each]) => [name, each.length] as const).toSorted(([, a], [, b]) => b - a);
}
