import { endpoint } from './endpoint.ts';
import * as migration from '../schemas/migration.ts';

export const migrationsEndpoints = {
  listMigrations: endpoint({
    method: 'GET',
    path: '/v1/migrations',
    summary: 'List the migrations of the configured directory in the order they run',
    tag: 'migrations',
    permission: 'migrations:read',
    status: 200,
    response: migration.MigrationList,
  }),
  lintMigrations: endpoint({
    method: 'GET',
    path: '/v1/migrations/lint',
    summary: "Check the migrations on PostgreSQL's own grammar without running them",
    tag: 'migrations',
    permission: 'migrations:read',
    status: 200,
    response: migration.MigrationLint,
  }),
} as const;
