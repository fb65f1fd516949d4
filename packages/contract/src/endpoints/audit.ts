import { endpoint } from './endpoint.ts';
import * as audit from '../schemas/audit.ts';

export const auditEndpoints = {
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
} as const;
