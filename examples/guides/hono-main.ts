// #region main
import { serve } from '@hono/node-server';
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { buildApp } from './hono.ts';
import { openResolver } from './resolver.ts';

const { tenancy, directory } = await tenancyFromEnvironment();
const { fetch } = buildApp(tenancy, openResolver(directory, process.env['ISSUER']!));
const listen = { fetch, hostname: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) };
const server = serve(listen, ({ port }) => console.log(`http://127.0.0.1:${port}`));

process.once('SIGTERM', () => {
  server.close(() => void tenancy.close());
});
// #endregion
