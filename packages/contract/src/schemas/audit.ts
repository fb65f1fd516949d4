import { Type, type Static } from 'typebox';
import { Cursor, GivenTimestamp, Limit, Nullable, OneOf, Page, Timestamp } from './common.ts';

export const auditOutcomes = ['success', 'failure', 'denied'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export const AuditEvent = Type.Object(
  {
    seq: Type.Integer({ description: 'Position in the chain, without gaps, from 1' }),
    id: Type.String(),
    at: Timestamp,
    actor: Type.Object({
      kind: OneOf(['user', 'apiKey', 'cli', 'system']),
      id: Type.String(),
      name: Type.String(),
    }),
    action: Type.String({ description: 'noun.verb, as tenant.suspend' }),
    outcome: OneOf(auditOutcomes),
    target: Type.Object({ kind: Type.String(), id: Type.String() }),
    tenantId: Nullable(Type.String()),
    before: Type.Unknown(),
    after: Type.Unknown(),
    reason: Nullable(Type.String()),
    requestId: Nullable(Type.String()),
    sourceIp: Nullable(Type.String()),
    prevHash: Type.String({ description: 'Hash of the row before; 64 zeros on the first' }),
    hash: Type.String({ description: 'SHA-256 over prevHash and every field above' }),
  },
  { $id: 'AuditEvent' },
);
export type AuditEvent = Static<typeof AuditEvent>;

export const AuditPage = Page(AuditEvent);
export type AuditPage = Static<typeof AuditPage>;

const filters = {
  actor: Type.Optional(Type.String({ maxLength: 200, description: 'Id or name of the actor' })),
  action: Type.Optional(
    Type.String({ maxLength: 100, description: 'As tenant.suspend, or tenant.* for all of it' }),
  ),
  tenant: Type.Optional(Type.String({ maxLength: 300, description: 'The id or the slug of a tenant' })),
  outcome: Type.Optional(OneOf(auditOutcomes)),
  requestId: Type.Optional(Type.String({ maxLength: 100 })),
  from: Type.Optional(GivenTimestamp),
  to: Type.Optional(GivenTimestamp),
};

export const ListAudit = Type.Object(
  { ...filters, cursor: Cursor, limit: Limit },
  { additionalProperties: false },
);
export type ListAudit = Static<typeof ListAudit>;

export const ExportAudit = Type.Object(
  { ...filters, format: Type.Optional(OneOf(['jsonl', 'csv'])) },
  { additionalProperties: false },
);
export type ExportAudit = Static<typeof ExportAudit>;

export const AuditRef = Type.Object({ event: Type.String({ maxLength: 40 }) });

export const AuditVerification = Type.Object({
  ok: Type.Boolean(),
  checked: Type.Integer({ description: 'Rows that were read' }),
  head: Type.String({
    description: 'Hash of the last row: note it elsewhere to prove later that nothing was cut off',
  }),
  broken: Nullable(
    Type.Object({
      seq: Type.Integer({ description: 'The first row that does not fit' }),
      id: Nullable(Type.String()),
      problem: OneOf(['changed', 'missing', 'truncated', 'link']),
      message: Type.String(),
    }),
  ),
});
export type AuditVerification = Static<typeof AuditVerification>;
