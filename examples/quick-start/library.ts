// #region library
import { createTenancy } from '@tenantry/tenancy';
import { controlPlaneDirectory } from '@tenantry/tenancy/directory';

const {
  TENANTRY_URL: url = '',
  TENANTRY_TOKEN: token = '',
  TENANTRY_CREDENTIAL_KEY: credentialKey = '',
} = process.env;
const directory = controlPlaneDirectory({ url, token, credentialKey });
const tenancy = createTenancy({ directory, credentialKey, pool: { maximumPoolSize: 20 } });

const acme = await tenancy.resolve('acme');
await tenancy.run(acme, async () => {
  await tenancy.transaction(async (tx) => {
    await tx.query('INSERT INTO accounts (name) VALUES ($1)', ['Wayne Enterprises']);
  });
  // A pg.Pool to Kysely, Drizzle, Prisma and to whatever else takes one.
  const { rows } = await tenancy.pool.query('SELECT count(*)::int AS accounts FROM accounts');
  console.log(rows);
});
await tenancy.close();
// #endregion
