import { endpoint } from './endpoint.ts';
import * as security from '../schemas/security.ts';

export const securityEndpoints = {
  reportSecurityEvents: endpoint({
    method: 'POST',
    path: '/v1/security-events',
    summary: 'Report statements and logins that were refused; sent again under the same UUID it counts once',
    tag: 'security',
    permission: 'security:report',
    body: security.ReportSecurityEvents,
    status: 202,
    response: security.SecurityReport,
    requestsPerMinute: 6000,
    bodyLimit: 96 * 1024,
  }),
  listSecurityEvents: endpoint({
    method: 'GET',
    path: '/v1/security-events',
    summary: 'List what was refused, newest minute first, equal refusals of a minute together',
    tag: 'security',
    permission: 'security:read',
    query: security.ListSecurityEvents,
    status: 200,
    response: security.SecurityEventPage,
  }),
} as const;
