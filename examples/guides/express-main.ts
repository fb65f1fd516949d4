// #region main
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { buildApp } from './express.ts';
import { openResolver } from './resolver.ts';

const { tenancy, directory } = await tenancyFromEnvironment();
const app = buildApp(tenancy, openResolver(directory, process.env['ISSUER']!));
const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

process.once('SIGTERM', () => {
  server.close(() => void tenancy.close());
});
// #endregion
