import type pg from 'pg';
import { tenantsOf } from '../audit.ts';
import { IsolationError } from '../isolation-error.ts';
import type { Layout } from '../layout/types.ts';
import type { FaultCast } from './fault.ts';

/** Who plays which part: the first two tenants that are open. Throws ISOLATION_OPTION where there are fewer. */
export async function castOf(client: pg.ClientBase, layout: Layout): Promise<FaultCast> {
  const names = await tenantsOf(client, layout);
  const { rows } = await client.query<{ name: string }>(
    `SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1) AND rolcanlogin ORDER BY rolname`,
    [names.map((name) => layout.tenants.login?.replace('{schema}', () => name) ?? '')],
  );
  const [a, b] = rows.map(({ name }) => name);
  if (a === undefined || b === undefined)
    throw new IsolationError(
      'ISOLATION_OPTION',
      `Faults are about two tenants, and the copy has ${rows.length}. Create one more there.`,
    );
  const { rows: where } = await client.query<{ database: string }>(
    'SELECT current_database()::text AS database',
  );
  return {
    a,
    b,
    a_owner: `${a}_owner`,
    b_owner: `${b}_owner`,
    control: layout.control,
    database: where[0]!.database,
    ...sharedRoles,
  };
}

/** None of them needs quoting. */
const sharedRoles = {
  slot: 'tenantry_slot_1',
  slot2: 'tenantry_slot_2',
  broker: 'tenantry_broker',
  group: 'tenantry_tenants',
  owners: 'tenantry_owners',
  slots: 'tenantry_slots',
  registrar: 'tenantry_registrar',
};
