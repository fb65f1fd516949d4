import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Connection } from '../../src/pool/connection.ts';
import { Inventory } from '../../src/pool/inventory.ts';
import { TenantLine } from '../../src/pool/tenant-line.ts';
import { startTestCell, type TestCell } from '../support/cell.ts';
import { atEachEntry } from '../support/entry.ts';
import { open } from '../support/open.ts';
import { hunt, type Caught, type HuntOptions } from './hunt.ts';

/** Seconds of each hunt: 60 before a release, fewer on every change. */
const seconds = Number(process.env['TENANTRY_LEAK_HUNT_SECONDS'] ?? 5);
const callers = 200;
const limits = {
  maximumPoolSize: 12,
  queryTimeout: 400,
  connectionTimeout: 3_000,
  connectTimeout: 1_000,
} as const;

let cell: TestCell;
beforeEach(async () => {
  cell = await startTestCell({ tenants: 50, slots: 12, iterations: 64, settings: { max_connections: 100 } });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await cell.stop();
});

async function run(
  lane: 'sealed' | 'leased' | 'auto',
  options: Pick<HuntOptions, 'ms' | 'upheaval' | 'isEnough'>,
): Promise<Caught> {
  const { tenancy, directory } = open(cell, lane, limits);
  const caught = await hunt({ cell, tenancy, directory, callers, ...options });
  await tenancy.close({ deadlineMs: 1_000 });
  return caught;
}

const kinds = ({ upheavals }: Caught): readonly string[] =>
  [...new Set(upheavals)].filter((each) => !each.startsWith('(')).toSorted();
const allKinds = ['drop and create', 'restart', 'rotate'];
/** It was not quiet because nothing worked. */
const least = seconds * 100;

describe('fifty tenants, two hundred callers, upheaval', () => {
  test.each(['sealed', 'leased', 'auto'] as const)(
    'lane %s: not one foreign row',
    { timeout: seconds * 1_000 + 120_000 },
    async (lane) => {
      const caught = await run(lane, {
        ms: seconds * 1_000,
        upheaval: true,
        isEnough: (so) => so.done >= least && so.refused.has('42501') && kinds(so).length === allKinds.length,
      });
      const { foreign, done, refused, upheavals } = caught;
      expect(foreign).toEqual([]);
      expect(done).toBeGreaterThanOrEqual(least);
      expect(refused.get('42501')).toBeGreaterThan(0);
      expect(kinds(caught)).toEqual(allKinds);
      if (process.env['TENANTRY_LEAK_HUNT_REPORT'] !== undefined)
        console.log(lane, done, Object.fromEntries(refused), upheavals.length);
    },
  );
});

describe('the same hunt catches a lane that is broken on purpose', { timeout: 120_000 }, () => {
  const untilCaught = { ms: 500, upheaval: false, isEnough: ({ foreign }: Caught) => foreign.length > 0 };

  test('a slot that does not become its next tenant', async () => {
    atEachEntry((connection, entry, go) => {
      if (connection.visited.size < 2) go(entry);
    });
    vi.spyOn(Connection.prototype, 'discard').mockImplementation(function (this: Connection) {
      this.dirty = false;
      return Promise.resolve(true);
    });
    expect((await run('leased', untilCaught)).foreign).not.toEqual([]);
  });

  test('a change of tenant without DISCARD ALL', async () => {
    atEachEntry((_, entry, go) => go({ ...entry, wasAnothers: false }));
    vi.spyOn(Connection.prototype, 'discard').mockImplementation(function (
      this: Connection,
      ...become: readonly string[]
    ) {
      this.dirty = false;
      this.enterWithNext({ become, path: '', wasAnothers: false });
      return this.enter();
    });
    expect((await run('leased', untilCaught)).foreign).not.toEqual([]);
  });

  test('a sealed connection that is given to whoever asks', async () => {
    vi.spyOn(Inventory.prototype, 'lineOf').mockImplementation(function (this: Inventory, placement) {
      const [somebody] = this.lines.values();
      const line = somebody ?? new TenantLine(placement);
      this.lines.set(line.tenant, line);
      return line;
    });
    expect((await run('sealed', untilCaught)).foreign).not.toEqual([]);
  });
});
