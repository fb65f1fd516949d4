import { describe, expect, test } from 'vitest';
import { faults, injectFaults, startFaultCopy, summariseFaults } from '../../src/faults/index.ts';
import { fillCell } from '../support/fill.ts';

/** Each fault takes seconds on a large cell, the whole catalogue half an hour: `TENANTRY_FAULTS_TENANTS=1000` asks for it. */
const count = Number(process.env['TENANTRY_FAULTS_TENANTS'] ?? 0);
const copies = 2;

describe.runIf(count > 0)(`the whole catalogue on a cell of ${count} tenants of 20 tables`, () => {
  test('is found, each fault on its subject', { timeout: 7_200_000 }, async ({ signal }) => {
    const parts = await Promise.all(
      Array.from({ length: copies }, async (_, part) => {
        const copy = await startFaultCopy({ tenants: 0 });
        try {
          await fillCell(copy, count);
          let done = 0;
          const { results } = await injectFaults({
            ...copy,
            faults: faults.filter((_fault, n) => n % copies === part),
            signal,
            onResult: ({ fault, status, reason }) => {
              done += 1;
              if (status !== 'found') console.log(`${fault.id} ${status}: ${reason}`);
              if (done % 50 === 0) console.log(`copy ${part + 1}: ${done} faults put in`);
            },
          });
          return results;
        } finally {
          await copy.stop();
        }
      }),
    );
    const results = parts.flat();
    const { total, found, missed, skipped } = summariseFaults(results);
    console.log(`${found} of ${total} faults found on ${count} tenants, ${skipped.length} skipped`);
    expect(missed).toEqual([]);
    expect(skipped.map(({ id }) => id).toSorted()).toEqual([
      'catalog.function.internal',
      'catalog.view.replaced',
      'roles.password.known',
      'roles.password.md5',
    ]);
    expect(found).toBe(faults.length - 4);
    // What changes rights is found by the oracle as well.
    const unasked = results.filter(
      ({ fault, oracle, status }) => status === 'found' && fault.rights && !oracle,
    );
    expect(unasked.map(({ fault }) => fault.id)).toEqual([]);
  });
});
