import { afterAll, beforeAll, expect, test } from 'vitest';
import { applicationTarget, controlTarget, type AttackTarget } from '../../src/attacks/index.ts';
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

/** What an application without Tenantry sends, on the login of a control. */
function application(leave: readonly string[]): AttackTarget {
  const { address, controls } = pair;
  const login = { ...address, user: controls.path, password: controls.password };
  const enter = ['SET search_path = {schema}'];
  return applicationTarget(pair, login, {
    create: [],
    grant: [],
    drop: [],
    owner: null,
    role: null,
    enter,
    leave,
  });
}

test.each<readonly [string, () => AttackTarget]>([
  ['the control "search_path"', () => controlTarget(pair, 'search_path')],
  ['the control "set role"', () => controlTarget(pair, 'set role')],
  ['an application', () => application(['RESET search_path'])],
])(
  'a connection of %s that could not be reset is not handed over: it would be a hit by chance',
  async (_, make) => {
    const target = make();
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

test('an application whose reset fails by itself is told: new connections would hide every poison', async () => {
  const target = application(['RESET nothing_of_this_name']);
  await expect(target.handOver!()).rejects.toMatchObject({ code: '42704' });
  await target.close();
});
