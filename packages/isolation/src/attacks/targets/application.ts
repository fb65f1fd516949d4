import type pg from 'pg';
import { inSchema, type SchemaRecipe } from '../../canaries/schemas.ts';
import type { AttackPair } from '../../canaries.ts';
import type { AttackNeed } from '../attack.ts';
import type { AttackTarget, Side } from '../target.ts';
import { Connections, dial, handOver, RawSession, statementTimeoutMs } from './raw.ts';

/** How an application that does not use the library gives a connection to a tenant. */
export interface ApplicationSpec extends SchemaRecipe {
  /** What it sends when a tenant's work begins; `{schema}` is its schema. */
  readonly enter: readonly string[];
  /** What it sends when that ends, and the connection goes back to the pool. */
  readonly leave: readonly string[];
}

/** The application's own login, with what it sends around a tenant's work: nothing of Tenantry is in between. */
export function applicationTarget(
  pair: AttackPair,
  application: pg.ClientConfig,
  spec: ApplicationSpec,
): AttackTarget {
  const connections = new Connections(() => dial(application));
  const connect = async (): Promise<pg.Client> => {
    const client = await connections.take();
    await client.query(`SET statement_timeout = ${statementTimeoutMs}`);
    return client;
  };
  const enter = async (client: pg.Client, side: Side): Promise<void> => {
    for (const sql of spec.enter) await client.query(inSchema(sql, pair[side].schema));
  };
  const open = async (side: Side): Promise<RawSession> => {
    const client = await connect();
    await enter(client, side);
    return RawSession.on(client, connections.giveBack);
  };
  return {
    name: 'application',
    title: 'the application’s login, with what it sends around a tenant’s work',
    kind: 'login',
    provides: needsMet(spec),
    // What succeeds may be in the way of the next.
    concurrency: 1,
    open,
    victim: () => open('b'),
    handOver: () => handOver(connections, { take: connect, enter, leave: spec.leave }),
    close: () => connections.close(),
  };
}

function needsMet({ role, owner }: SchemaRecipe): ReadonlySet<AttackNeed> {
  const perTenant = (name: string | null): boolean => name?.includes('{schema}') ?? false;
  return new Set<AttackNeed>([
    ...(perTenant(role) ? (['roles'] as const) : []),
    ...(perTenant(owner) && owner !== role ? (['owners'] as const) : []),
  ]);
}
