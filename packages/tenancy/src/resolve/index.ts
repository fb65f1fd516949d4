export {
  customDomain,
  subdomain,
  type CustomDomainOptions,
  type HostOptions,
  type SubdomainOptions,
} from './host.ts';
export { problemOf, type Problem } from './problem.ts';
export { fetchRequest, nodeRequest, type NodeRequest, type TenantRequest } from './request.ts';
export {
  everybody,
  provenBy,
  tenantResolver,
  type Candidate,
  type Resolution,
  type ResolverOptions,
  type TenantResolver,
} from './resolver.ts';
export { apiKey, header, path, type ApiKeyOptions, type ApiKeyOwner } from './simple.ts';
export { TenantSourceError, type Finding, type TenantSource } from './source.ts';
