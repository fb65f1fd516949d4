import type { Context } from '../db/context.ts';
import type { MigrationSource } from './migration-source.ts';

/** What verbs about tenants get: the migrations that new ones are built from. */
export interface TenantContext extends Context {
  readonly migrations: MigrationSource;
}
