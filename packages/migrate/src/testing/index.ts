/** `@tenantry/migrate/testing`: migrations as the schema of test tenants. */
export { flyway, flywayWith } from './flyway.ts';
export type { FlywayOptions, MakeSchema } from './flyway.ts';
