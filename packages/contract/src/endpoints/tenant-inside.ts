import { endpoint } from './endpoint.ts';
import * as tenant from '../schemas/tenant.ts';
import * as inside from '../schemas/tenant-inside.ts';

export const tenantInsideEndpoints = {
  getTenantFacets: endpoint({
    method: 'GET',
    path: '/v1/tenant-facets',
    summary: 'Count tenants by state, plan, cell, schema version and label, for filters',
    tag: 'tenants',
    permission: 'tenants:read',
    query: tenant.FilterTenants,
    status: 200,
    response: inside.TenantFacets,
  }),
  listTenantMigrations: endpoint({
    method: 'GET',
    path: '/v1/tenants/{tenant}/migrations',
    summary: 'List what ran in a tenant against the configured migrations',
    tag: 'tenants',
    permission: 'tenants:read',
    params: tenant.TenantRef,
    status: 200,
    response: inside.RevisionList,
  }),
  listTenantTables: endpoint({
    method: 'GET',
    path: '/v1/tenants/{tenant}/tables',
    summary: 'List the tables of a tenant with size, estimated rows and vacuum; reads no row',
    tag: 'tenants',
    permission: 'tenants:read',
    params: tenant.TenantRef,
    status: 200,
    response: inside.TenantTableList,
  }),
  getTenantAccess: endpoint({
    method: 'GET',
    path: '/v1/tenants/{tenant}/access',
    summary: 'Say who can reach a tenant: roles, privileges, lanes, sessions now',
    tag: 'tenants',
    permission: 'tenants:read',
    params: tenant.TenantRef,
    status: 200,
    response: inside.TenantAccess,
  }),
  listTenantTimeline: endpoint({
    method: 'GET',
    path: '/v1/tenants/{tenant}/timeline',
    summary: 'List what happened to a tenant, newest first: operations and audit events in one',
    tag: 'tenants',
    permission: 'operations:read',
    params: tenant.TenantRef,
    query: inside.ListTimeline,
    status: 200,
    response: inside.Timeline,
  }),
} as const;
