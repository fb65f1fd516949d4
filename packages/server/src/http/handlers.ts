import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EndpointName, Input, Output, PublicEndpointName, Tenant } from '@tenantry/contract';
import type { Caller } from '../access/authenticate.ts';
import { createKey } from '../access/create-key.ts';
import { listKeys } from '../access/list-keys.ts';
import { revokeKey } from '../access/revoke-key.ts';
import { exportAudit } from '../audit/export.ts';
import { getAuditEvent } from '../audit/get.ts';
import { listAudit } from '../audit/list.ts';
import { verifyAudit } from '../audit/verify.ts';
import { addCell } from '../cells/add.ts';
import { checkCell } from '../cells/check.ts';
import { listCells } from '../cells/list.ts';
import { updateCell } from '../cells/update.ts';
import { record } from '../audit/record.ts';
import type { Config } from '../config.ts';
import { TenantryError } from '../errors.ts';
import { getAccessMatrix } from '../evidence/access-matrix.ts';
import { getEvidence, type EvidenceDownload } from '../evidence/get.ts';
import { issueEvidence, type Issuer } from '../evidence/issue.ts';
import { listEvidence, listEvidenceKeys } from '../evidence/list.ts';
import { verifyEvidence } from '../evidence/verify.ts';
import { acceptFinding } from '../isolation/accept-finding.ts';
import { getIsolationCheck, listIsolationChecks } from '../isolation/checks.ts';
import type { IsolationContext } from '../isolation/context.ts';
import { operationDefinitions } from '../isolation/definitions.ts';
import { getFinding } from '../isolation/find-finding.ts';
import { getIsolationRun } from '../isolation/get-run.ts';
import { listFindings } from '../isolation/list-findings.ts';
import { listIsolationRuns } from '../isolation/list-runs.ts';
import { reopenFinding } from '../isolation/reopen-finding.ts';
import { startIsolationRun } from '../isolation/start.ts';
import { getIsolation } from '../isolation/summary.ts';
import { cancelOperation } from '../operations/cancel.ts';
import type { EventHub } from '../operations/event-hub.ts';
import { getOperation } from '../operations/get.ts';
import { idempotencyOf } from '../operations/idempotency.ts';
import { listOperations } from '../operations/list.ts';
import { retryOperation } from '../operations/retry.ts';
import { closeReader } from '../readers/close.ts';
import { getReader } from '../readers/get.ts';
import { listReaders } from '../readers/list.ts';
import { openReader } from '../readers/open.ts';
import { noteClosedTenant } from '../security/closed-tenant.ts';
import { listSecurityEvents } from '../security/list.ts';
import type { SecurityRecorder } from '../security/recorder.ts';
import { reportSecurityEvents } from '../security/report.ts';
import { archiveTenant } from '../tenants/archive.ts';
import { createTenant } from '../tenants/create.ts';
import { deleteTenant } from '../tenants/delete.ts';
import { addTenantDomain, listTenantDomains, removeTenantDomain } from '../tenants/domains.ts';
import { findTenantId } from '../tenants/find.ts';
import { getTenant } from '../tenants/get.ts';
import { lintMigrations } from '../tenants/lint-migrations.ts';
import { listMigrations } from '../tenants/list-migrations.ts';
import { listTenants } from '../tenants/list.ts';
import { getPlacement, placementTag } from '../tenants/placement.ts';
import { purgeTenant } from '../tenants/purge.ts';
import { resumeTenant } from '../tenants/resume.ts';
import { rotateTenantCredential } from '../tenants/rotate-credential.ts';
import { suspendTenant } from '../tenants/suspend.ts';
import { updateTenant } from '../tenants/update.ts';
import { consoleHandlers } from './console-handlers.ts';
import type { OpenStreams } from './event-stream.ts';
import type { SignInServices } from './sign-in.ts';

/** What the handlers share. */
export interface HandlerServices {
  readonly hub: EventHub;
  readonly streams: OpenStreams;
  readonly signIn: SignInServices;
  /** What the control plane was started with. */
  readonly config: Config;
  /** Of the control plane. */
  readonly version: string;
  readonly security: SecurityRecorder;
  /** What reports are signed with. */
  readonly evidence: Issuer;
  /** Seconds. */
  readonly gracePeriod: number;
}

/** A request as its handler sees it: validated, authenticated, allowed. */
export interface Call<N extends EndpointName> extends Input<N> {
  readonly ctx: IsolationContext;
  readonly caller: Caller;
  readonly services: HandlerServices;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Handler<N extends EndpointName> = (call: Call<N>) => Promise<Output<N>>;

/** Those of the endpoints that need a key or a session. */
export type Handlers = { readonly [N in Exclude<EndpointName, PublicEndpointName>]: Handler<N> };

/** One handler for every endpoint of the contract that needs a key or a session: an edge that calls a verb. */
export const handlers: Handlers = {
  ...consoleHandlers,
  createTenant: async (call) => {
    const idempotency = idempotencyOf(idempotencyKey(call.request), ['createTenant', call.body]);
    const { replayed, ...result } = await createTenant(call.ctx, call.body, idempotency);
    call.reply.header('location', `/v1/operations/${result.operation.id}`);
    if (replayed) call.reply.header('idempotent-replayed', 'true');
    return result;
  },
  listTenants: ({ ctx, query }) => listTenants(ctx, query),
  getTenant: async (call) => withETag(call.reply, await getTenant(call.ctx, call.params.tenant)),
  updateTenant: async (call) =>
    withETag(call.reply, await updateTenant(call.ctx, call.params.tenant, call.body, ifMatch(call.request))),
  suspendTenant: async (call) =>
    withETag(call.reply, await suspendTenant(call.ctx, call.params.tenant, call.body)),
  resumeTenant: async (call) =>
    withETag(call.reply, await resumeTenant(call.ctx, call.params.tenant, call.body)),
  archiveTenant: async (call) =>
    withETag(call.reply, await archiveTenant(call.ctx, call.params.tenant, call.body)),
  deleteTenant: async (call) =>
    withETag(
      call.reply,
      await deleteTenant(call.ctx, call.params.tenant, call.body, call.services.gracePeriod),
    ),
  rotateTenantCredential: async (call) =>
    withETag(call.reply, await rotateTenantCredential(call.ctx, call.params.tenant, call.body)),
  purgeTenant: async (call) => {
    const request = ['purgeTenant', call.params, call.body];
    const idempotency = idempotencyOf(idempotencyKey(call.request), request);
    const { replayed, ...result } = await purgeTenant(call.ctx, call.params.tenant, call.body, idempotency);
    call.reply.header('location', `/v1/operations/${result.operation.id}`);
    if (replayed) call.reply.header('idempotent-replayed', 'true');
    return result;
  },
  listTenantDomains: ({ ctx, params }) => listTenantDomains(ctx, params.tenant),
  addTenantDomain: ({ ctx, params }) => addTenantDomain(ctx, params.tenant, params.domain),
  removeTenantDomain: ({ ctx, params }) => removeTenantDomain(ctx, params.tenant, params.domain),
  getPlacement: async ({ ctx, params, services, request, reply }) => {
    const placement = await getPlacement(ctx, params.ref).catch((error: unknown) => {
      if (error instanceof TenantryError && error.code === 'TENANT_NOT_FOUND')
        noteClosedTenant(ctx, params.ref, services.security);
      throw error;
    });
    const tag = placementTag(placement);
    reply.header('etag', tag);
    if (request.headers['if-none-match'] !== tag) return placement;
    return reply.status(304).send() as unknown as typeof placement;
  },
  listOperations: async ({ ctx, query: { tenant, ...filter } }) =>
    listOperations(ctx, { ...filter, tenantId: await findTenantId(ctx, tenant) }),
  getOperation: ({ ctx, params }) => getOperation(ctx, params.operation),
  cancelOperation: ({ ctx, params }) => cancelOperation(ctx, params.operation),
  retryOperation: ({ ctx, caller, params }) =>
    retryOperation(ctx, operationDefinitions, params.operation, caller.permissions),
  listAudit: async ({ ctx, query: { tenant, ...filter } }) =>
    listAudit(ctx, { ...filter, tenantId: await findTenantId(ctx, tenant) }),
  getAuditEvent: ({ ctx, params }) => getAuditEvent(ctx, params.event),
  exportAudit: async ({ ctx, query: { tenant, format = 'jsonl', ...filter }, reply }) => {
    const all = { ...filter, tenantId: await findTenantId(ctx, tenant) };
    // Who took the trail out of the house belongs into it; recorded first, so that the export holds it too.
    await ctx.control.db
      .transaction()
      .execute((tx) =>
        record(tx, ctx, { action: 'audit.export', target: { kind: 'audit', id: format }, after: all }),
      );
    reply.header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson');
    reply.header('content-disposition', `attachment; filename="tenantry-audit.${format}"`);
    return reply.send(Readable.from(exportAudit(ctx, all, format))) as unknown as undefined;
  },
  verifyAudit: ({ ctx }) => verifyAudit(ctx),
  listCells: ({ ctx }) => listCells(ctx),
  addCell: ({ ctx, body }) => addCell(ctx, body),
  updateCell: ({ ctx, params, body }) => updateCell(ctx, params.cell, body),
  checkCell: ({ ctx, params }) => checkCell(ctx, params.cell),
  listMigrations: ({ ctx }) => listMigrations(ctx),
  lintMigrations: ({ ctx }) => lintMigrations(ctx),
  openReader: ({ ctx, body }) => openReader(ctx, body),
  listReaders: ({ ctx, query }) => listReaders(ctx, query),
  getReader: ({ ctx, params }) => getReader(ctx, params.reader),
  closeReader: ({ ctx, params }) => closeReader(ctx, params.reader),
  reportSecurityEvents: ({ services, body }) => reportSecurityEvents(services.security, body),
  listSecurityEvents: async ({ ctx, query: { tenant, ...filter } }) =>
    listSecurityEvents(ctx, { ...filter, tenantId: await findTenantId(ctx, tenant) }),
  issueEvidence: ({ ctx, body, services }) => issueEvidence(ctx, body, services.evidence),
  listEvidence: ({ ctx, query }) => listEvidence(ctx, query),
  listEvidenceKeys: ({ ctx, services }) => listEvidenceKeys(ctx, services.evidence.key.id),
  verifyEvidence: ({ ctx, body }) => verifyEvidence(ctx, body),
  getEvidence: async ({ ctx, params, query, services, reply }) =>
    sendDownload(reply, await getEvidence(ctx, params.report, query.format ?? 'json', services.evidence.key)),
  getAccessMatrix: async ({ ctx, query, reply }) => sendDownload(reply, await getAccessMatrix(ctx, query)),
  getIsolation: ({ ctx }) => getIsolation(ctx),
  listIsolationChecks: ({ ctx, query }) => listIsolationChecks(ctx, query),
  getIsolationCheck: ({ ctx, params }) => getIsolationCheck(ctx, params.check),
  listFindings: ({ ctx, query }) => listFindings(ctx, query),
  getFinding: ({ ctx, params }) => getFinding(ctx, params.finding),
  acceptFinding: ({ ctx, params, body }) => acceptFinding(ctx, params.finding, body),
  reopenFinding: ({ ctx, params, body }) => reopenFinding(ctx, params.finding, body),
  listIsolationRuns: ({ ctx, query }) => listIsolationRuns(ctx, query),
  getIsolationRun: ({ ctx, params }) => getIsolationRun(ctx, params.run),
  startIsolationRun: async (call) => {
    const idempotency = idempotencyOf(idempotencyKey(call.request), ['startIsolationRun', call.body]);
    const { replayed, ...result } = await startIsolationRun(call.ctx, call.body, idempotency);
    call.reply.header('location', `/v1/operations/${result.operation.id}`);
    if (replayed) call.reply.header('idempotent-replayed', 'true');
    return result;
  },
  createKey: ({ ctx, caller, body }) => createKey(ctx, body, caller.permissions),
  listKeys: ({ ctx }) => listKeys(ctx),
  revokeKey: ({ ctx, params }) => revokeKey(ctx, params.key),
};

function sendDownload(reply: FastifyReply, { name, mediaType, content }: EvidenceDownload): undefined {
  reply.header('content-type', mediaType);
  // Never shown by the browser in this origin, whatever is in it.
  reply.header('content-disposition', `attachment; filename="${name}"`);
  return reply.send(Buffer.isBuffer(content) ? content : Buffer.from(content)) as unknown as undefined;
}

function withETag(reply: FastifyReply, tenant: Tenant): Tenant {
  reply.header('etag', `"${tenant.version}"`);
  return tenant;
}

function ifMatch(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header)?.[1];
  // Ignored, it would let through what it was sent to prevent.
  if (version === undefined)
    throw new TenantryError('VALIDATION', 'If-Match must be the ETag of the tenant.');
  return Number(version);
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' ? key : undefined;
}
