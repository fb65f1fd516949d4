export {
  crossTenantReader,
  type CrossTenantReader,
  type CrossTenantReaderOptions,
  type ReadQuery,
} from './cross-tenant-reader.ts';
export { type ReadTenant } from './reader-api.ts';
export { TenantRepository, type Queryable } from './repository.ts';
export { TenantScope, tenantScope, type ScopedTenancy } from './scope.ts';
export { TenantService } from './service.ts';
