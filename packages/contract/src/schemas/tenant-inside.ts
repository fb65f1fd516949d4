import { Type, type Static } from 'typebox';
import { AuditEvent } from './audit.ts';
import { cellLanes } from './cell.ts';
import { Cursor, Limit, Nullable, OneOf, Timestamp } from './common.ts';
import { Operation } from './operation.ts';

/** What became of a migration in one tenant, against the configured files. */
export const revisionStates = [
  'applied',
  'pending',
  'changed',
  'outdated',
  'superseded',
  'missing',
  'failed',
] as const;
export type RevisionState = (typeof revisionStates)[number];

/** A migration in one tenant: a row of its history, a configured file, or both. */
export const Revision = Type.Object({
  rank: Nullable(Type.Integer({ description: 'Position in the history; null when it has not run' })),
  kind: OneOf(['versioned', 'repeatable', 'undo', 'baseline', 'other']),
  version: Nullable(Type.String()),
  description: Type.String(),
  script: Type.String(),
  state: OneOf(
    revisionStates,
    'changed: the file is not what ran; outdated: a repeatable that will run again; superseded: it ran again later; missing: there is no such file',
  ),
  checksum: Nullable(Type.Integer({ description: 'Of what ran' })),
  fileChecksum: Nullable(Type.Integer({ description: 'Of the configured file' })),
  installedBy: Nullable(Type.String()),
  installedAt: Nullable(Timestamp),
  ms: Nullable(Type.Number()),
});
export type Revision = Static<typeof Revision>;

export const RevisionList = Type.Object({
  schemaVersion: Nullable(Type.String()),
  configuredVersion: Nullable(Type.String()),
  behind: Type.Integer({ description: 'Configured migrations that are pending or outdated' }),
  drifted: Type.Integer({ description: 'Migrations that were changed, are missing or have failed' }),
  items: Type.Array(Revision, { description: 'In the order they ran, then those that have not' }),
});
export type RevisionList = Static<typeof RevisionList>;

/** A table as the catalogs and statistics know it; none of its rows is read. */
export const TenantTable = Type.Object({
  name: Type.String(),
  kind: OneOf(['table', 'partitioned', 'materializedView', 'view', 'foreign']),
  bytes: Type.Integer({ description: 'With indexes and TOAST' }),
  indexBytes: Type.Integer(),
  rows: Nullable(Type.Number({ description: 'Estimate; null when it was never analysed' })),
  deadRows: Type.Number(),
  indexes: Type.Integer(),
  columns: Type.Integer(),
  lastVacuum: Nullable(Timestamp),
  lastAnalyze: Nullable(Timestamp),
});
export type TenantTable = Static<typeof TenantTable>;

export const TenantTableList = Type.Object({
  bytes: Type.Integer(),
  items: Type.Array(TenantTable, { description: 'Largest first' }),
});
export type TenantTableList = Static<typeof TenantTableList>;

export const TenantSession = Type.Object({
  pid: Type.Integer(),
  lane: OneOf(cellLanes),
  login: Type.String(),
  applicationName: Nullable(Type.String()),
  state: Nullable(Type.String({ description: 'As active or idle; null where PostgreSQL does not tell' })),
  since: Nullable(Timestamp),
  clientAddress: Nullable(Type.String()),
});
export type TenantSession = Static<typeof TenantSession>;

/** Who can reach a tenant's data by PostgreSQL's own account, read from its catalogs now. */
export const TenantAccess = Type.Object(
  {
    login: Nullable(
      Type.Object({
        role: Type.String(),
        canLogin: Type.Boolean(),
        usesSchema: Type.Boolean(),
        connectionLimit: Type.Integer({ description: '-1: none' }),
        settings: Type.Array(Type.String(), { description: 'As statement_timeout=2s' }),
      }),
    ),
    owner: Nullable(Type.Object({ role: Type.String(), canLogin: Type.Boolean() })),
    memberships: Type.Array(
      Type.Object({
        role: Type.String(),
        member: Type.String(),
        inherit: Type.Boolean(),
        set: Type.Boolean(),
        admin: Type.Boolean(),
      }),
    ),
    privileges: Type.Array(
      Type.Object({
        grantee: Type.String(),
        on: OneOf(['schema', 'table', 'sequence', 'function']),
        privileges: Type.Array(Type.String()),
        objects: Type.Integer({ description: 'That have exactly these' }),
      }),
    ),
    credential: Type.Object({
      version: Type.Integer({ description: 'That applications derive the secret of' }),
      inDatabase: Type.Integer({ description: 'That PostgreSQL was last given' }),
    }),
    lanes: Type.Array(OneOf(cellLanes)),
    slots: Type.Array(Type.String(), { description: 'Slots that hold a lease of the tenant now' }),
    readers: Type.Array(Type.String(), { description: 'Open break-glass logins that read the tenant' }),
    sessions: Type.Array(TenantSession),
  },
  { $id: 'TenantAccess' },
);
export type TenantAccess = Static<typeof TenantAccess>;

export const ListTimeline = Type.Object({ cursor: Cursor, limit: Limit }, { additionalProperties: false });
export type ListTimeline = Static<typeof ListTimeline>;

/** Exactly one of `operation` and `audit` is there. */
export const TimelineItem = Type.Object({
  kind: OneOf(['operation', 'audit']),
  at: Timestamp,
  operation: Nullable(Operation),
  audit: Nullable(AuditEvent),
});
export type TimelineItem = Static<typeof TimelineItem>;

export const Timeline = Type.Object({
  items: Type.Array(TimelineItem, { description: 'Newest first' }),
  nextCursor: Nullable(Type.String()),
  includesAudit: Type.Boolean({ description: 'False without the permission audit:read' }),
  asOf: Timestamp,
});
export type Timeline = Static<typeof Timeline>;

const Counts = Type.Array(Type.Object({ value: Type.String(), tenants: Type.Integer() }));

/** How many tenants each value of a filter would leave; by the other filters that are given. */
export const TenantFacets = Type.Object({
  state: Counts,
  plan: Counts,
  cell: Counts,
  schemaVersion: Counts,
  label: Type.Array(
    Type.Object({ value: Type.String({ description: 'key:value' }), tenants: Type.Integer() }),
    { description: 'The 50 most frequent' },
  ),
  behind: Type.Integer({ description: 'Tenants that were not built from the configured migrations' }),
});
export type TenantFacets = Static<typeof TenantFacets>;
