import { setTimeout as pause } from 'node:timers/promises';
import { deriveCredential, type TenantId } from '@tenantry/tenancy';
import { startTestTenants } from '@tenantry/tenancy/testing';
import pg from 'pg';

/** Slots of a cell of the kit. */
export const slots = 8;

/** A cell with one tenant that no attack is about. */
export interface TestCell {
  /** Of the control role. */
  readonly control: pg.ClientConfig & { readonly port: number; readonly password: string };
  readonly url: string;
  readonly superuserUrl: string;
  readonly superuser: pg.Pool;
  readonly credentialKey: Uint8Array;
  readonly tenant: TenantId;
  loginAs(role: string): Promise<pg.Client>;
  /** Kills a backend as `kill -9` does: PostgreSQL ends all others, recovers, and comes back. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCell(): Promise<TestCell> {
  const kit = await startTestTenants({
    schema: (client) => client.query('CREATE TABLE notes (id int PRIMARY KEY, body text)'),
    spares: 0,
  });
  const { tenant } = await kit.create();
  const superuserUrl = kit.superuserUrl!;
  const superuser = new pg.Pool({ connectionString: superuserUrl, max: 2 });
  superuser.on('error', () => {});
  const { port } = new pg.Client(superuserUrl);
  const login = (user: string) => ({
    host: '127.0.0.1',
    port,
    database: 'tenantry',
    user,
    password: deriveCredential(kit.credentialKey, user, 1),
  });
  const control = login('tenantry_control');
  return {
    control,
    url: `postgresql://tenantry_control:${encodeURIComponent(control.password)}@127.0.0.1:${port}/tenantry`,
    superuserUrl,
    superuser,
    credentialKey: kit.credentialKey,
    tenant,
    async loginAs(role) {
      const client = new pg.Client(login(role));
      client.on('error', () => {});
      // Nobody logs in as a slot unless it is open.
      const isSlot = role.startsWith('tenantry_slot_');
      if (isSlot) await superuser.query(`ALTER ROLE ${role} LOGIN`);
      await client.connect();
      if (isSlot) await superuser.query(`ALTER ROLE ${role} NOLOGIN`);
      return client;
    },
    async crash() {
      const { rows } = await superuser.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      process.kill(rows[0]!.pid, 'SIGKILL');
      while (!(await answers(superuserUrl))) await pause(50);
    },
    async stop() {
      await superuser.end();
      await kit.stop();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  try {
    await client.connect();
    // One that was there before the crash is ended at any moment.
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** What canaries would leave in a server, whatever they are called. */
export async function leftOf({ superuser }: TestCell): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT 'role ' || rolname AS name FROM pg_roles WHERE rolname ~ 'canary'
      UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname ~ 'canary'
      UNION ALL SELECT 'large object ' || oid FROM pg_largeobject_metadata
      UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname ~ 'canary'
      UNION ALL SELECT 'default privileges ' || d.oid FROM pg_default_acl d WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = d.defaclrole)
      UNION ALL SELECT 'comment ' || description FROM pg_shdescription WHERE description ~ 'canary'
      UNION ALL SELECT 'object ' || relname FROM pg_class WHERE relname ~ 'evil'
      UNION ALL SELECT 'lease of ' || m.roleid FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member
                 WHERE s.rolname ~ '^tenantry_slot_' AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = m.roleid)`,
  );
  return rows.map(({ name }) => name);
}
