// Makes tenants on the server that it is given and waits to be killed.
import { startTestTenants } from '../../src/testing/index.ts';
import { schema } from './apps.ts';

const tenants = await startTestTenants({
  schema,
  postgres: { url: process.argv[2]! },
  lane: 'leased',
  spares: 0,
});
const [a] = await tenants.pair();
await a.query('SELECT 1');
console.log('ready');
