// #region program
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { listAccounts, openDatabase } from './kysely.ts';

const { tenancy } = await tenancyFromEnvironment();
const tenant = await tenancy.resolve('acme');
const database = openDatabase(tenancy);
console.log(await tenancy.run(tenant, () => listAccounts(database)));
await tenancy.close();
// #endregion
