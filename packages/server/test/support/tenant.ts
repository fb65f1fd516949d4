import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { AuditEvent, CreateTenant, ListAudit, Tenant } from '@tenantry/contract';
import { sealedConnection, tenantId } from '@tenantry/tenancy';
import type { TestServer } from './server.ts';

/** Provisions a tenant and waits until it is active. */
export async function provision(
  server: TestServer,
  slug: string,
  rest: Partial<CreateTenant> = {},
): Promise<Tenant> {
  const { operation } = await server.admin.call('createTenant', { body: { slug, ...rest } });
  const { state, error } = await server.finished(operation.id);
  if (state !== 'succeeded') throw new Error(`${slug} was not provisioned: ${error?.code} ${error?.message}`);
  return server.admin.call('getTenant', { params: { tenant: slug } });
}

/** Logs in as a tenant with its derived secret, as an application does. The caller ends it. */
export async function loginAs(server: TestServer, tenant: Tenant, version?: number): Promise<pg.Client> {
  const key = await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8');
  const client = new pg.Client(
    sealedConnection({
      cell: { host: '127.0.0.1', port: server.postgres.port, database: 'tenantry' },
      tenant: tenantId(tenant.schema),
      credentialKey: Buffer.from(key, 'base64'),
      credentialVersion: version ?? tenant.credentialVersion,
    }),
  );
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** SQLSTATE of a login that is refused; fails when it is let in. */
export async function refusedLogin(
  server: TestServer,
  tenant: Tenant,
  version?: number,
): Promise<string | undefined> {
  let client: pg.Client;
  try {
    client = await loginAs(server, tenant, version);
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
  await client.end();
  throw new Error('The login was let in, and should have been refused.');
}

/** Audit events, oldest first. */
export async function auditOf(server: TestServer, query: ListAudit): Promise<AuditEvent[]> {
  const { items } = await server.admin.call('listAudit', { query: { limit: 100, ...query } });
  return items.toReversed();
}

/** What is there of tenants, anywhere. Equal before and after means that nothing was created and nothing lost. */
export interface Census {
  readonly tenants: number;
  readonly operations: number;
  readonly audit: number;
  readonly roles: number;
  readonly schemas: number;
  readonly spares: number;
}

export async function census(server: TestServer): Promise<Census> {
  const { rows } = await server.superuser.query<Census>(`
    SELECT (SELECT count(*)::int FROM tenantry.tenants) AS tenants,
           (SELECT count(*)::int FROM tenantry.operations) AS operations,
           (SELECT count(*)::int FROM tenantry_audit.events) AS audit,
           (SELECT count(*)::int FROM pg_roles) AS roles,
           (SELECT count(*)::int FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_') AS schemas,
           (SELECT count(*)::int FROM tenantry.spares) AS spares`);
  return rows[0]!;
}

/** Roles, schemas and large objects that carry a tenant's name or belong to its roles. */
export async function tracesOf(server: TestServer, schema: string): Promise<string[]> {
  const { rows } = await server.superuser.query<{ what: string }>(
    `SELECT 'role ' || rolname AS what FROM pg_roles WHERE rolname IN ($1::text, $1 || '_owner')
     UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = $1::text
     UNION ALL SELECT 'default privileges' FROM pg_default_acl d LEFT JOIN pg_roles r ON r.oid = d.defaclrole
                WHERE r.oid IS NULL OR r.rolname IN ($1::text, $1 || '_owner')
     UNION ALL SELECT 'large object ' || l.oid FROM pg_largeobject_metadata l LEFT JOIN pg_roles r ON r.oid = l.lomowner
                WHERE r.oid IS NULL OR r.rolname IN ($1::text, $1 || '_owner')
     UNION ALL SELECT 'session ' || pid FROM pg_stat_activity WHERE usename IN ($1::text, $1 || '_owner')`,
    [schema],
  );
  return rows.map(({ what }) => what);
}
