// #region main
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { buildApp } from './fastify.ts';
import { openResolver } from './resolver.ts';

const { tenancy, directory } = await tenancyFromEnvironment();
const app = await buildApp(tenancy, openResolver(directory, process.env['ISSUER']!));
console.log(await app.listen({ port: Number(process.env['PORT'] ?? 3000) }));

process.once('SIGTERM', () => void app.close().then(() => tenancy.close()));
// #endregion
