import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { readSecret, signToken } from './identity.ts';

// Stands for whatever logs people in: npm run --silent token -- acme
const [slug] = process.argv.slice(2);
if (slug === undefined) {
  console.error('Whose? Name a tenant: npm run --silent token -- acme');
  process.exitCode = 2;
} else {
  const { tenancy } = await tenancyFromEnvironment();
  try {
    // The id, not the slug: a tenant may be renamed, and its old name be given to another.
    console.log(await signToken(await readSecret(), await tenancy.resolve(slug)));
  } finally {
    await tenancy.close();
  }
}
