import { sealedConnection } from '@tenantry/tenancy';
import type pg from 'pg';
import type { CanaryPair } from '../../canaries.ts';
import type { AttackNeed } from '../attack.ts';
import type { AttackTarget, Side } from '../target.ts';
import { dial, hangUp, RawSession, statementTimeoutMs } from './raw.ts';

/** The connection settings of one tenant of a pair, as its own login. */
export function loginConfig(pair: CanaryPair, side: Side): pg.ClientConfig {
  const { options, ...config } = sealedConnection({
    cell: pair.address,
    tenant: pair[side].tenant,
    credentialKey: pair.credentialKey,
    credentialVersion: 1,
  });
  return {
    ...config,
    options: `${options} -c statement_timeout=${statementTimeoutMs}`,
    application_name: 'tenantry isolation',
  };
}

/** What a cell has that attacks may name. */
export function needsMet(pair: CanaryPair): ReadonlySet<AttackNeed> {
  return new Set<AttackNeed>([
    'roles',
    'login',
    'owners',
    'tenantry',
    ...(pair.leases ? (['leases'] as const) : []),
  ]);
}

/**
 * The tenant's own login over the bare driver: what PostgreSQL alone answers, when nothing of the library stands in between. Such
 * a connection never changes tenant, so nothing is left behind for another.
 */
export function loginTarget(pair: CanaryPair): AttackTarget {
  const idle: pg.Client[] = [];
  const all = new Set<pg.Client>();
  const connect = async (side: Side): Promise<pg.Client> => {
    const client = await dial(loginConfig(pair, side));
    all.add(client);
    return client;
  };
  const giveBack = async (client: pg.Client, broken: boolean): Promise<void> => {
    if (broken) return void all.delete(client);
    try {
      // Not in one text, which would be one transaction, where DISCARD ALL is refused.
      await client.query('ROLLBACK');
      await client.query('DISCARD ALL');
      idle.push(client);
    } catch {
      all.delete(client);
      await client.end().catch(() => {});
    }
  };
  return {
    name: 'login',
    title: 'the tenant’s own login, over the bare driver',
    kind: 'login',
    provides: needsMet(pair),
    concurrency: 4,
    open: async () => RawSession.on(idle.pop() ?? (await connect('a')), giveBack),
    victim: async () => RawSession.on(await connect('b'), (client) => client.end()),
    close: () => hangUp(all),
  };
}
