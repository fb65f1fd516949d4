import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';
import { atEachEntry } from '../support/entry.ts';
import { codeOf, open } from '../support/open.ts';
import { Proxy } from '../support/proxy.ts';

let cell: TestCell;
let proxy: Proxy;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 1 });
});
afterAll(() => cell.stop());

const insert = `INSERT INTO notes (body) VALUES ('not acknowledged')`;

test.each(['sealed', 'leased'] as const)(
  'lane %s: a write whose answer is lost is not said to have failed, also where its connection has just changed hands',
  async (lane) => {
    const [before, tenant] = cell.tenants as [TestTenant, TestTenant];
    proxy = await Proxy.to(cell.postgres.port);
    const hosts = [{ host: '127.0.0.1', port: proxy.port }];
    const { tenancy } = open(
      cell,
      lane,
      { maximumPoolSize: 1 },
      new TestDirectory(cell.placements({ hosts })),
    );
    try {
      // On leased the write goes in one message with what makes the connection its tenant's.
      await tenancy.for(lane === 'leased' ? before.id : tenant.id).query('SELECT 1');
      if (lane === 'sealed') proxy.mute(tenant.id);
      else {
        atEachEntry((_, entry, go) => {
          proxy.mute('tenantry_slot_');
          go(entry);
        });
      }
      const answer = codeOf(tenancy.for(tenant.id).query(insert));
      const written = async (): Promise<number | null> =>
        (await cell.superuser.query(`DELETE FROM ${tenant.id}.notes WHERE body = 'not acknowledged'`))
          .rowCount;
      await expect.poll(written).toBe(1);
      proxy.cut();
      expect(await answer).toBe('TENANCY_CONNECTION_LOST');
    } finally {
      vi.restoreAllMocks();
      await tenancy.close({ deadlineMs: 100 });
      await proxy.close();
    }
  },
);
