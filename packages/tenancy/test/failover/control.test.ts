import { expect, test } from 'vitest';
import { freeze } from '../support/standby.ts';
import { noTimeouts, openLoads, startPair } from './pair.ts';

/** As in the test that this shows to be able to fail. */
const backWithinMs = 5_000;

test(
  'without the client’s timeouts a frozen primary is waited for, whoever was promoted',
  { timeout: 90_000 },
  async () => {
    const pair = await startPair();
    const running = await openLoads(pair, noTimeouts);
    const thaw = await freeze(pair.cell.postgres.dataDirectory);
    try {
      const promoted = performance.now();
      const back = Promise.all(running.map(({ load }) => load.backSince(promoted, backWithinMs)));
      await pair.standby.promote();
      expect(await back).toEqual([undefined, undefined, undefined]);
      // Not one caller got an answer, and none was told.
      expect(running.map(({ load }) => load.waiting)).toEqual([40, 40, 40]);
    } finally {
      await thaw();
      const stopping = running.map(({ load }) => load.stop());
      await Promise.all(running.map(({ tenancy }) => tenancy.close({ deadlineMs: 100 })));
      await Promise.all(stopping);
      await pair.stop();
    }
  },
);
