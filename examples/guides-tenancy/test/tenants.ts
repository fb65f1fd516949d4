import { fileURLToPath } from 'node:url';
import { flyway } from '@tenantry/migrate/testing';
import { idempotencyTableSql } from '@tenantry/tenancy';
import type { MakeSchema } from '@tenantry/tenancy/testing';

const migrations = fileURLToPath(new URL('../../sample-saas/migrations', import.meta.url));

/** The sample product, and the table of idempotency keys. */
export const schema: MakeSchema = async (client, name) => {
  await flyway(migrations)(client, name);
  await client.query(idempotencyTableSql);
};
