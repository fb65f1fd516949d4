// #region program
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';

// The control plane of this machine; in production TENANTRY_URL, TENANTRY_TOKEN and TENANTRY_CREDENTIAL_KEY name one.
const { tenancy } = await tenancyFromEnvironment();
const acme = await tenancy.resolve('acme');
const globex = await tenancy.resolve('globex');
const list = 'SELECT name FROM accounts ORDER BY id';

// The same statements for both: whose rows they touch is decided by the context they run in.
await tenancy.run(acme, () => tenancy.query('INSERT INTO accounts (name) VALUES ($1)', ['Wile E. Coyote']));
for (const tenant of [acme, globex]) {
  const { rows } = await tenancy.run(tenant, () => tenancy.query(list));
  console.log(tenant === acme ? 'acme sees' : 'globex sees', rows);
}

// An injected statement may say what it likes: this connection is globex's, and PostgreSQL knows it.
for (const attack of [`SELECT * FROM ${acme}.accounts`, `SET ROLE ${acme}`])
  await tenancy.run(globex, () => tenancy.query(attack)).catch(report);

// And what belongs to nobody does not run.
await tenancy.query(list).catch(report);
await tenancy.close();

function report(error: { code: string; message: string }): void {
  console.log('refused:', error.code, error.message);
}
// #endregion
