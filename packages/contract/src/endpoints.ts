import { Type, type Static, type TSchema } from 'typebox';
import type { Permission } from './permissions.ts';
import * as apiKey from './schemas/api-key.ts';
import * as audit from './schemas/audit.ts';
import * as cell from './schemas/cell.ts';
import * as domain from './schemas/domain.ts';
import * as event from './schemas/event.ts';
import * as migration from './schemas/migration.ts';
import * as operation from './schemas/operation.ts';
import * as placement from './schemas/placement.ts';
import * as reader from './schemas/reader.ts';
import * as tenant from './schemas/tenant.ts';

/** One endpoint of the API as a value: the server routes from it, the client calls through it, OpenAPI is made of it. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with `{name}` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** The permission that the caller needs; null where any valid key will do. */
  readonly permission: Permission | null;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Status of success. */
  readonly status: number;
  /** Body of success; absent for streams and downloads. */
  readonly response?: TSchema;
  /** Content type of success where it is not JSON. */
  readonly contentType?: string;
  /** Takes an Idempotency-Key header. */
  readonly idempotent?: boolean;
}

function endpoint<const E extends Endpoint>(value: E): E {
  return value;
}

export const endpoints = {
  createTenant: endpoint({
    method: 'POST',
    path: '/v1/tenants',
    summary: 'Provision a tenant',
    tag: 'tenants',
    permission: 'tenants:write',
    body: tenant.CreateTenant,
    status: 202,
    response: operation.TenantOperation,
    idempotent: true,
  }),
  listTenants: endpoint({
    method: 'GET',
    path: '/v1/tenants',
    summary: 'Search, filter and sort tenants',
    tag: 'tenants',
    permission: 'tenants:read',
    query: tenant.ListTenants,
    status: 200,
    response: tenant.TenantPage,
  }),
  getTenant: endpoint({
    method: 'GET',
    path: '/v1/tenants/{tenant}',
    summary: 'Get a tenant by id or slug',
    tag: 'tenants',
    permission: 'tenants:read',
    params: tenant.TenantRef,
    status: 200,
    response: tenant.Tenant,
  }),
  updateTenant: endpoint({
    method: 'PATCH',
    path: '/v1/tenants/{tenant}',
    summary: 'Change slug, name, plan or labels',
    tag: 'tenants',
    permission: 'tenants:write',
    params: tenant.TenantRef,
    body: tenant.UpdateTenant,
    status: 200,
    response: tenant.Tenant,
  }),
  suspendTenant: endpoint({
    method: 'POST',
    path: '/v1/tenants/{tenant}/suspend',
    summary: 'Suspend: no new connection, and the open ones are ended by PostgreSQL',
    tag: 'tenants',
    permission: 'tenants:write',
    params: tenant.TenantRef,
    body: tenant.TenantAction,
    status: 200,
    response: tenant.Tenant,
  }),
  resumeTenant: endpoint({
    method: 'POST',
    path: '/v1/tenants/{tenant}/resume',
    summary: 'Make a suspended, archived or deleting tenant active again',
    tag: 'tenants',
    permission: 'tenants:write',
    params: tenant.TenantRef,
    body: tenant.TenantAction,
    status: 200,
    response: tenant.Tenant,
  }),
  archiveTenant: endpoint({
    method: 'POST',
    path: '/v1/tenants/{tenant}/archive',
    summary: 'Archive: keep the data, allow no connection',
    tag: 'tenants',
    permission: 'tenants:write',
    params: tenant.TenantRef,
    body: tenant.TenantAction,
    status: 200,
    response: tenant.Tenant,
  }),
  deleteTenant: endpoint({
    method: 'DELETE',
    path: '/v1/tenants/{tenant}',
    summary: 'Delete: no connection from now on, purged when the grace period ends',
    tag: 'tenants',
    permission: 'tenants:write',
    params: tenant.TenantRef,
    body: tenant.TenantAction,
    status: 200,
    response: tenant.Tenant,
  }),
  purgeTenant: endpoint({
    method: 'POST',
    path: '/v1/tenants/{tenant}/purge',
    summary: 'Purge a deleted tenant: drop its schema, roles and large objects; the audit stays',
    tag: 'tenants',
    permission: 'tenants:purge',
    params: tenant.TenantRef,
    body: tenant.PurgeTenant,
    status: 202,
    response: operation.TenantOperation,
    idempotent: true,
  }),
  rotateTenantCredential: endpoint({
    method: 'POST',
    path: '/v1/tenants/{tenant}/rotate-credential',
    summary: "Give the tenant's login the next version of its derived secret and end its connections",
    tag: 'tenants',
    permission: 'tenants:write',
    params: tenant.TenantRef,
    body: tenant.TenantAction,
    status: 200,
    response: tenant.Tenant,
  }),
  listTenantDomains: endpoint({
    method: 'GET',
    path: '/v1/tenants/{tenant}/domains',
    summary: 'List the custom domains of a tenant',
    tag: 'tenants',
    permission: 'tenants:read',
    params: tenant.TenantRef,
    status: 200,
    response: domain.TenantDomainList,
  }),
  addTenantDomain: endpoint({
    method: 'PUT',
    path: '/v1/tenants/{tenant}/domains/{domain}',
    summary: 'Give a tenant a custom domain; repeating it changes nothing',
    tag: 'tenants',
    permission: 'tenants:write',
    params: domain.TenantDomainRef,
    status: 200,
    response: domain.TenantDomain,
  }),
  removeTenantDomain: endpoint({
    method: 'DELETE',
    path: '/v1/tenants/{tenant}/domains/{domain}',
    summary: 'Take a custom domain from a tenant',
    tag: 'tenants',
    permission: 'tenants:write',
    params: domain.TenantDomainRef,
    status: 200,
    response: domain.TenantDomain,
  }),
  getPlacement: endpoint({
    method: 'GET',
    path: '/v1/placements/{ref}',
    summary:
      'Say where an active tenant lives and how to connect: by id, by slug, or by `domain:` and a custom domain; takes If-None-Match',
    tag: 'placements',
    permission: 'placements:read',
    params: placement.PlacementRef,
    status: 200,
    response: placement.Placement,
  }),
  listOperations: endpoint({
    method: 'GET',
    path: '/v1/operations',
    summary: 'List operations, newest first',
    tag: 'operations',
    permission: 'operations:read',
    query: operation.ListOperations,
    status: 200,
    response: operation.OperationPage,
  }),
  getOperation: endpoint({
    method: 'GET',
    path: '/v1/operations/{operation}',
    summary: 'Get an operation with its steps',
    tag: 'operations',
    permission: 'operations:read',
    params: operation.OperationRef,
    status: 200,
    response: operation.Operation,
  }),
  cancelOperation: endpoint({
    method: 'POST',
    path: '/v1/operations/{operation}/cancel',
    summary: 'Cancel: what was done is undone',
    tag: 'operations',
    permission: 'operations:write',
    params: operation.OperationRef,
    status: 202,
    response: operation.Operation,
  }),
  retryOperation: endpoint({
    method: 'POST',
    path: '/v1/operations/{operation}/retry',
    summary: 'Run a failed or cancelled operation again',
    tag: 'operations',
    permission: 'operations:write',
    params: operation.OperationRef,
    status: 202,
    response: operation.Operation,
  }),
  listenEvents: endpoint({
    method: 'GET',
    path: '/v1/events',
    summary:
      'Server-sent events; replays after Last-Event-ID, sends `resync` when that is no longer possible',
    tag: 'events',
    permission: 'operations:read',
    query: event.ListenEvents,
    status: 200,
    contentType: 'text/event-stream',
  }),
  listAudit: endpoint({
    method: 'GET',
    path: '/v1/audit',
    summary: 'List audit events, newest first',
    tag: 'audit',
    permission: 'audit:read',
    query: audit.ListAudit,
    status: 200,
    response: audit.AuditPage,
  }),
  exportAudit: endpoint({
    method: 'GET',
    path: '/v1/audit/export',
    summary: 'Download audit events, oldest first, as JSON Lines or CSV',
    tag: 'audit',
    permission: 'audit:read',
    query: audit.ExportAudit,
    status: 200,
    contentType: 'application/x-ndjson',
  }),
  verifyAudit: endpoint({
    method: 'POST',
    path: '/v1/audit/verify',
    summary: 'Recompute the hash chain and name the first broken row',
    tag: 'audit',
    permission: 'audit:read',
    status: 200,
    response: audit.AuditVerification,
  }),
  getAuditEvent: endpoint({
    method: 'GET',
    path: '/v1/audit/{event}',
    summary: 'Get an audit event',
    tag: 'audit',
    permission: 'audit:read',
    params: audit.AuditRef,
    status: 200,
    response: audit.AuditEvent,
  }),
  listCells: endpoint({
    method: 'GET',
    path: '/v1/cells',
    summary: 'List cells',
    tag: 'cells',
    permission: 'cells:read',
    status: 200,
    response: cell.CellList,
  }),
  addCell: endpoint({
    method: 'POST',
    path: '/v1/cells',
    summary: 'Add a PostgreSQL database as a cell',
    tag: 'cells',
    permission: 'cells:write',
    body: cell.AddCell,
    status: 201,
    response: cell.Cell,
  }),
  updateCell: endpoint({
    method: 'PATCH',
    path: '/v1/cells/{cell}',
    summary: 'Change the lanes of a cell, or how many slots it has',
    tag: 'cells',
    permission: 'cells:write',
    params: cell.CellRef,
    body: cell.UpdateCell,
    status: 200,
    response: cell.Cell,
  }),
  checkCell: endpoint({
    method: 'POST',
    path: '/v1/cells/{cell}/check',
    summary: 'Say which privileges a cell lacks, and the SQL that grants them',
    tag: 'cells',
    permission: 'cells:read',
    params: cell.CellRef,
    status: 200,
    response: cell.CellCheck,
  }),
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
  openReader: endpoint({
    method: 'POST',
    path: '/v1/readers',
    summary:
      'Open a reader: a login that reads the tables of some tenants for a while; its password is shown once',
    tag: 'readers',
    permission: 'readers:write',
    body: reader.OpenReader,
    status: 201,
    response: reader.OpenedReader,
  }),
  listReaders: endpoint({
    method: 'GET',
    path: '/v1/readers',
    summary: 'List readers, newest first: those of the last 100 that were opened, and all that are open',
    tag: 'readers',
    permission: 'readers:read',
    query: reader.ListReaders,
    status: 200,
    response: reader.ReaderList,
  }),
  getReader: endpoint({
    method: 'GET',
    path: '/v1/readers/{reader}',
    summary: 'Get a reader, with what it may see',
    tag: 'readers',
    permission: 'readers:read',
    params: reader.ReaderRef,
    status: 200,
    response: reader.Reader,
  }),
  closeReader: endpoint({
    method: 'DELETE',
    path: '/v1/readers/{reader}',
    summary:
      'Close a reader: its connections are ended and its login is dropped; repeating it changes nothing',
    tag: 'readers',
    permission: 'readers:write',
    params: reader.ReaderRef,
    status: 200,
    response: reader.Reader,
  }),
  createKey: endpoint({
    method: 'POST',
    path: '/v1/keys',
    summary: 'Create an API key; the token is shown once',
    tag: 'keys',
    permission: 'keys:write',
    body: apiKey.CreateApiKey,
    status: 201,
    response: apiKey.CreatedApiKey,
  }),
  listKeys: endpoint({
    method: 'GET',
    path: '/v1/keys',
    summary: 'List API keys',
    tag: 'keys',
    permission: 'keys:read',
    status: 200,
    response: apiKey.ApiKeyList,
  }),
  revokeKey: endpoint({
    method: 'DELETE',
    path: '/v1/keys/{key}',
    summary: 'Revoke an API key; it stops working at once',
    tag: 'keys',
    permission: 'keys:write',
    params: apiKey.ApiKeyRef,
    status: 200,
    response: apiKey.ApiKey,
  }),
  getMe: endpoint({
    method: 'GET',
    path: '/v1/me',
    summary: 'Who the key is and what it may do',
    tag: 'keys',
    permission: null,
    status: 200,
    response: apiKey.Me,
  }),
} as const;

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;

type StaticOf<E, K extends string> = E extends Record<K, infer S extends TSchema> ? Static<S> : undefined;

/** What a caller gives to an endpoint, by place. */
export type Input<N extends EndpointName> = {
  readonly params: StaticOf<Endpoints[N], 'params'>;
  readonly query: StaticOf<Endpoints[N], 'query'>;
  readonly body: StaticOf<Endpoints[N], 'body'>;
};

/** What an endpoint gives back on success. */
export type Output<N extends EndpointName> = StaticOf<Endpoints[N], 'response'>;

/** A schema for endpoints without a body, params or query of their own. */
export const Nothing = Type.Object({});
