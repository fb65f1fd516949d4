import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tenancy } from '@tenantry/tenancy';
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { buildApp } from './app.ts';
import type { App } from './application.ts';
import { openDatabase } from './database.ts';
import { readSecret } from './identity.ts';
import { createResolver } from './resolver.ts';

const name = '@tenantry/example-hono-pg';

try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function start(): Promise<void> {
  const { PORT: port = '3000', HOST: host = '127.0.0.1', APP_DOMAIN: domain } = process.env;
  const secret = await readSecret();
  const { tenancy, directory } = await tenancyFromEnvironment({ applicationName: name });
  try {
    const resolver = createResolver(directory, secret, domain);
    const app = await buildApp({ tenancy, resolver, database: openDatabase(tenancy) });
    const url = await app.listen(Number(port), host);
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void stop(app, tenancy));
    console.log(`${name} serves at ${url}`);
    console.log(`\nWith a tenant acme (npx tenantry tenant create acme):\n  ${example(url)}`);
  } catch (error) {
    await tenancy.close();
    throw error;
  }
}

/** What is under way ends first: requests, then the connections that they use. */
async function stop(app: App, tenancy: Tenancy): Promise<void> {
  try {
    await app.close();
  } finally {
    await tenancy.close();
  }
}

/** As it can be typed where `npm start` was. */
function example(url: string): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const project = relative(process.env['INIT_CWD'] ?? process.cwd(), root);
  const prefix = project === '' ? '' : ` --prefix '${project}'`;
  return `curl -H "Authorization: Bearer $(npm run --silent${prefix} token -- acme)" ${url}/accounts`;
}
