import { Type, type Static } from 'typebox';
import { Cursor, GivenTimestamp, Limit, Nullable, OneOf, Page, Timestamp } from './common.ts';

/**
 * What was refused. `denied`: insufficient privilege. `foreign-name`: a name in a schema that is not the tenant's did not resolve. `role-switch`: an
 * attempt to become another role. `guard`: the library refused the statement itself, as several in one text or COPY from the client.
 * `lane-refused`: a connection could not become its tenant's. `lane-assertion`: before COMMIT the session was not its tenant's any more.
 * `login-refused`: a wrong password or a closed login. `tenant-closed`: work for a tenant that is suspended, archived or deleted.
 * `context`: work of the application without a tenant, or in another's context.
 */
export const securityEventKinds = [
  'denied',
  'foreign-name',
  'role-switch',
  'guard',
  'lane-refused',
  'lane-assertion',
  'login-refused',
  'tenant-closed',
  'context',
] as const;
export type SecurityEventKind = (typeof securityEventKinds)[number];

/** Who saw it: the library in an application, the log of PostgreSQL, or the control plane itself. One refusal may be seen by two. */
export const securityEventSources = ['lane', 'log', 'control-plane'] as const;
export type SecurityEventSource = (typeof securityEventSources)[number];

const laneNames = ['sealed', 'leased'] as const;
const sqlState = Type.String({ pattern: '^[0-9A-Z]{5}$', description: 'As 42501' });
const fingerprint = Type.String({
  pattern: '^[0-9a-f]{16}$',
  description: 'Of the statement: a hash of its text without literals. The text itself is kept nowhere',
});

/** Equal refusals of one minute. */
export const SecurityEvent = Type.Object(
  {
    id: Type.String(),
    kind: OneOf(securityEventKinds),
    source: OneOf(securityEventSources),
    tenantId: Nullable(Type.String({ description: 'null: of no tenant, or of none that is known' })),
    tenantSlug: Nullable(Type.String()),
    cell: Nullable(Type.String({ description: 'Name of the cell' })),
    lane: Nullable(OneOf(laneNames)),
    sqlState: Nullable(sqlState),
    fingerprint: Nullable(fingerprint),
    count: Type.Integer({ description: 'How often in this minute' }),
    firstAt: Timestamp,
    lastAt: Timestamp,
  },
  { $id: 'SecurityEvent' },
);
export type SecurityEvent = Static<typeof SecurityEvent>;

export const SecurityEventPage = Page(SecurityEvent);
export type SecurityEventPage = Static<typeof SecurityEventPage>;

export const ListSecurityEvents = Type.Object(
  {
    tenant: Type.Optional(Type.String({ maxLength: 300, description: 'The id or the slug of a tenant' })),
    kind: Type.Optional(OneOf(securityEventKinds)),
    sqlState: Type.Optional(sqlState),
    source: Type.Optional(OneOf(securityEventSources)),
    from: Type.Optional(GivenTimestamp),
    to: Type.Optional(GivenTimestamp),
    cursor: Cursor,
    limit: Limit,
  },
  { additionalProperties: false },
);
export type ListSecurityEvents = Static<typeof ListSecurityEvents>;

/** Most items of one report. */
export const mostReported = 200;

const ReportedEvent = Type.Object(
  {
    kind: OneOf(securityEventKinds),
    tenantId: Nullable(Type.String({ pattern: '^t_[a-z2-7]{12}$' })),
    cell: Nullable(
      Type.String({ minLength: 1, maxLength: 63, description: 'Id of the cell, as a placement has it' }),
    ),
    lane: Nullable(OneOf(laneNames)),
    sqlState: Nullable(sqlState),
    fingerprint: Nullable(fingerprint),
    count: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    firstAt: GivenTimestamp,
    lastAt: GivenTimestamp,
  },
  { additionalProperties: false },
);

/** What an application, or what reads the log of an external cell, tells. */
export const ReportSecurityEvents = Type.Object(
  {
    report: Type.String({
      pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
      description: 'A UUID of this report: sent again under the same one, it counts once',
    }),
    source: OneOf(['lane', 'log'], 'Who saw it'),
    events: Type.Array(ReportedEvent, { maxItems: mostReported }),
    dropped: Type.Integer({
      minimum: 0,
      maximum: 1_000_000_000,
      description: 'Refusals that the reporter had no room for since its last report',
    }),
  },
  { additionalProperties: false },
);
export type ReportSecurityEvents = Static<typeof ReportSecurityEvents>;

export const SecurityReport = Type.Object({
  accepted: Type.Integer({ description: 'Items that were taken; 0 for a report that was here before' }),
});
export type SecurityReport = Static<typeof SecurityReport>;
