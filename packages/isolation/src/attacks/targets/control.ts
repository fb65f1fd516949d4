import pg from 'pg';
import type { CanaryPair } from '../../canaries.ts';
import type { ControlName } from '../attack.ts';
import type { AttackTarget, Side } from '../target.ts';
import { needsMet } from './login.ts';
import { Connections, dial, handOver, RawSession, statementTimeoutMs } from './raw.ts';

const { escapeIdentifier } = pg;

/**
 * One of the usual ways without Tenantry, with the same attacks on the same tenants: they have to succeed, or the statements prove
 * nothing. `search_path` is one login that has what all tenants have, and tells them apart by the path. `set role` is one login
 * that runs `SET LOCAL ROLE` at the start of each transaction, and `RESET ROLE; RESET ALL` between two tenants.
 */
export function controlTarget(pair: CanaryPair, control: ControlName): AttackTarget {
  const connections = new Connections(() =>
    dial({
      ...pair.address,
      user: control === 'search_path' ? pair.controls.path : pair.controls.role,
      password: pair.controls.password,
      options: `-c statement_timeout=${statementTimeoutMs}`,
    }),
  );
  const enter = async (client: pg.Client, side: Side, scope: 'transaction' | 'session'): Promise<void> => {
    const { schema, role } = pair[side];
    const path = `search_path = ${escapeIdentifier(schema)}, pg_temp`;
    if (control === 'search_path') await client.query(`SET ${path}`);
    else if (scope === 'session') await client.query(`SET ROLE ${escapeIdentifier(role)}; SET ${path}`);
    else await client.query(`BEGIN; SET LOCAL ROLE ${escapeIdentifier(role)}; SET LOCAL ${path}`);
  };
  return {
    name: control,
    title:
      control === 'search_path'
        ? 'control: one login, search_path only'
        : 'control: one login, SET LOCAL ROLE',
    kind: 'control',
    control,
    provides: needsMet(pair),
    // What succeeds may be in the way of the next.
    concurrency: 1,
    async open(side) {
      const client = await connections.take();
      await enter(client, side, 'transaction');
      return RawSession.on(client, connections.giveBack);
    },
    handOver: () =>
      handOver(connections, {
        take: () => connections.take(),
        enter: (client, side) => enter(client, side, 'session'),
        leave: ['RESET ROLE; RESET ALL'],
      }),
    async victim() {
      const client = await connections.take();
      await enter(client, 'b', 'session');
      return RawSession.on(client, connections.giveBack);
    },
    close: () => connections.close(),
  };
}
