import { afterAll, beforeAll, expect, test } from 'vitest';
import { controlTarget } from '../../src/attacks/index.ts';
import { plantCanaries, type CanaryPair } from '../../src/canaries.ts';
import { startCell, type TestCell } from './support.ts';

let cell: TestCell;
let pair: CanaryPair;

beforeAll(async () => {
  cell = await startCell();
  pair = await plantCanaries({ control: cell.control });
});
afterAll(async () => {
  await pair.remove();
  await cell.stop();
});

test.each(['search_path', 'set role'] as const)(
  'a connection of the control "%s" that could not be reset is not handed over: it would be a hit by chance',
  async (control) => {
    const target = controlTarget(pair, control);
    const line = await target.handOver!();
    const attacker = await line.as('a');
    const { rows } = await attacker.query('SELECT pg_backend_pid() AS pid', 'L2');
    const [{ pid }] = rows as [{ pid: number }];
    await cell.superuser.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
    await attacker.release();
    const next = await line.as('b');
    const after = await next.query(`SELECT pg_backend_pid() <> ${pid} AS other`, 'L2');
    expect(after.rows).toEqual([{ other: true }]);
    await next.release();
    await line.close();
    await target.close();
  },
);
