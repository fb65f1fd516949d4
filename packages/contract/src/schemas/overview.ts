import { Type, type Static } from 'typebox';
import { AuditEvent } from './audit.ts';
import { Nullable, OneOf, Timestamp } from './common.ts';
import { isolationVerdicts } from './isolation.ts';
import { Operation } from './operation.ts';
import { tenantStates } from './tenant.ts';

export const CellHealth = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: OneOf(['embedded', 'external']),
  isDefault: Type.Boolean(),
  up: Type.Boolean(),
  ms: Nullable(Type.Number({ description: 'How long it took to answer' })),
  serverVersion: Nullable(Type.String()),
  connections: Nullable(
    Type.Object({ used: Type.Integer(), limit: Type.Integer({ description: 'max_connections' }) }),
  ),
  tenants: Type.Integer(),
  spares: Type.Integer(),
  problem: Nullable(Type.String({ description: 'Why it is not up' })),
});
export type CellHealth = Static<typeof CellHealth>;

/**
 * "Is anything wrong?" in one answer. A part is null where the caller may not see it; the counts of somebody who is bound
 * to one tenant are that tenant's.
 */
export const Overview = Type.Object(
  {
    asOf: Timestamp,
    tenants: Type.Object({
      total: Type.Integer({ description: 'Without the deleted ones' }),
      byState: Type.Array(Type.Object({ state: OneOf(tenantStates), tenants: Type.Integer() })),
    }),
    schemaVersions: Type.Array(
      Type.Object({
        version: Nullable(Type.String()),
        tenants: Type.Integer(),
        current: Type.Boolean({ description: 'Built from exactly the configured migrations' }),
      }),
      { description: 'Most tenants first' },
    ),
    operations: Nullable(
      Type.Object({
        queued: Type.Integer(),
        running: Type.Integer(),
        failedLastDay: Type.Integer(),
        succeededLastDay: Type.Integer(),
        provisionMs: Nullable(
          Type.Object({
            p50: Type.Number(),
            p95: Type.Number(),
            operations: Type.Integer({ description: 'That this was taken from' }),
          }),
        ),
        unfinished: Type.Array(Operation, { description: 'Up to 5, newest first' }),
        failed: Type.Array(Operation, { description: 'Up to 5 of the last day, newest first' }),
      }),
    ),
    isolation: Nullable(
      Type.Object({
        verdict: OneOf(isolationVerdicts),
        since: Timestamp,
        openFindings: Type.Integer(),
      }),
    ),
    cells: Nullable(Type.Array(CellHealth)),
    audit: Nullable(Type.Array(AuditEvent, { description: 'The last 10, newest first' })),
    openReaders: Nullable(Type.Integer({ description: 'Break-glass logins that are open now' })),
  },
  { $id: 'Overview' },
);
export type Overview = Static<typeof Overview>;
