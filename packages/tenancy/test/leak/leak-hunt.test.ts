import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Connection } from '../../src/pool/connection.ts';
import { Inventory } from '../../src/pool/inventory.ts';
import { TenantQuery } from '../../src/pool/tenant-query.ts';
import { TenantLine } from '../../src/pool/tenant-line.ts';
import { startTestCell, type TestCell } from '../support/cell.ts';
import { open } from '../support/open.ts';
import { hunt, type Caught } from './hunt.ts';

/** Seconds of each hunt: 60 before a release, fewer on every change. */
const seconds = Number(process.env['TENANTRY_LEAK_HUNT_SECONDS'] ?? 5);
const callers = 200;
const limits = {
  maximumPoolSize: 12,
  queryTimeout: 400,
  connectionTimeout: 3_000,
  connectTimeout: 1_000,
} as const;

type Discard = (this: Connection, ...args: Parameters<Connection['discard']>) => void;

let cell: TestCell;
beforeEach(async () => {
  cell = await startTestCell({ tenants: 50, slots: 12, iterations: 64, settings: { max_connections: 100 } });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await cell.stop();
});

async function run(lane: 'sealed' | 'leased' | 'auto', ms: number, upheaval: boolean): Promise<Caught> {
  const { tenancy, directory } = open(cell, lane, limits);
  const atLeast = upheaval ? ms / 10 : 0;
  const caught = await hunt({ cell, tenancy, directory, callers, ms, atLeast, upheaval });
  await tenancy.close({ deadlineMs: 1_000 });
  return caught;
}

describe('fifty tenants, two hundred callers, upheaval', () => {
  test.each(['sealed', 'leased', 'auto'] as const)(
    'lane %s: not one foreign row',
    { timeout: seconds * 4_000 + 60_000 },
    async (lane) => {
      const { foreign, done, refused, upheavals } = await run(lane, seconds * 1_000, true);
      expect(foreign).toEqual([]);
      // It was not quiet because nothing worked.
      expect(done).toBeGreaterThanOrEqual(seconds * 100);
      expect(refused.get('42501')).toBeGreaterThan(0);
      expect([...new Set(upheavals)].filter((each) => !each.startsWith('(')).toSorted()).toEqual([
        'drop and create',
        'restart',
        'rotate',
      ]);
      if (process.env['TENANTRY_LEAK_HUNT_REPORT'] !== undefined)
        console.log(lane, done, Object.fromEntries(refused), upheavals.length);
    },
  );
});

describe('the same hunt catches a lane that is broken on purpose', { timeout: 60_000 }, () => {
  test('a slot that does not become its next tenant', async () => {
    const { discard } = Connection.prototype as unknown as Record<'discard', Discard>;
    vi.spyOn(Connection.prototype, 'discard').mockImplementation(function (this: Connection, become) {
      discard.call(this, this.visited.size < 2 ? become : undefined);
    });
    expect((await run('leased', 1_500, false)).foreign).not.toEqual([]);
  });

  test('a change of tenant without DISCARD ALL', async () => {
    vi.spyOn(Connection.prototype, 'discard').mockImplementation(function (this: Connection, become) {
      if (become === undefined) return void (this.dirty = false);
      this.send(new TenantQuery(become.text, become.values), () => (this.dirty = false));
    });
    expect((await run('leased', 1_500, false)).foreign).not.toEqual([]);
  });

  test('a sealed connection that is given to whoever asks', async () => {
    vi.spyOn(Inventory.prototype, 'lineOf').mockImplementation(function (this: Inventory, placement) {
      const [somebody] = this.lines.values();
      const line = somebody ?? new TenantLine(placement);
      this.lines.set(line.tenant, line);
      return line;
    });
    expect((await run('sealed', 1_500, false)).foreign).not.toEqual([]);
  });
});
