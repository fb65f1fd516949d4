// #region main
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { tenancyFromEnvironment } from '@tenantry/tenancy/environment';
import { openResolver } from '../resolver.ts';
import { AppModule } from './app.ts';

const { tenancy, directory } = await tenancyFromEnvironment();
const resolver = openResolver(directory, process.env['ISSUER']!);
const app = await NestFactory.create(AppModule.of(tenancy, resolver), { logger: ['error', 'warn'] });
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
console.log(await app.getUrl());

process.once('SIGTERM', () => void app.close().then(() => tenancy.close()));
// #endregion
