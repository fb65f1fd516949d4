/**
 * `@tenantry/tenancy/testing`: real tenants for tests, and a check that drives an application's own routes as two of them.
 * Works with vitest, jest and node:test: it imports none and only throws.
 */
export { TestingError, type TestingErrorCode } from './errors.ts';
export { IsolationError } from './isolation/error.ts';
export { expectIsolated } from './isolation/expect.ts';
export type {
  IsolationFinding,
  IsolationOptions,
  IsolationReport,
  Route,
  Target,
} from './isolation/options.ts';
export { startTestTenants } from './kit.ts';
export type {
  MakeSchema,
  Plant,
  TestServer,
  TestTenant,
  TestTenants,
  TestTenantsOptions,
} from './options.ts';
