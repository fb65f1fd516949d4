import { Type, type Static } from 'typebox';
import { Nullable, OneOf, Timestamp } from './common.ts';

/** What became of a reader: only `open` has a login. */
export const readerStates = ['opening', 'open', 'closing', 'closed'] as const;
export type ReaderState = (typeof readerStates)[number];

/** Why a reader has ended: somebody closed it, its time was over, or it was cut off while it was opened. */
export const readerEnds = ['closed', 'expired', 'failed'] as const;
export type ReaderEnd = (typeof readerEnds)[number];

/** A tenant that a reader may see. */
export const ReaderTenant = Type.Object({
  id: Type.String(),
  slug: Nullable(Type.String()),
  schema: Type.String({ description: 'Names in it are to be qualified: schema.table' }),
  relations: Type.Integer({ description: 'Tables and views that it could read when it was opened' }),
  leftAt: Nullable(
    Type.String({
      format: 'date-time',
      description: 'When it was taken from the reader: the tenant was purged',
    }),
  ),
});
export type ReaderTenant = Static<typeof ReaderTenant>;

/** Break-glass access: a login that reads the tables of some tenants for a while, and nothing else. Holds no secret. */
export const Reader = Type.Object(
  {
    id: Type.String(),
    state: OneOf(readerStates),
    login: Type.String({ description: 'A role of PostgreSQL, dropped when the reader is closed' }),
    cell: Type.String(),
    reason: Type.String(),
    tenants: Type.Array(ReaderTenant),
    createdAt: Timestamp,
    createdBy: Type.String(),
    expiresAt: Timestamp,
    closedAt: Nullable(Timestamp),
    end: Nullable(OneOf(readerEnds)),
  },
  { $id: 'Reader' },
);
export type Reader = Static<typeof Reader>;

export const ReaderList = Type.Object({ items: Type.Array(Reader) });
export type ReaderList = Static<typeof ReaderList>;

export const OpenReader = Type.Object(
  {
    tenants: Type.Array(Type.String({ minLength: 1, maxLength: 300, description: 'An id or a slug' }), {
      minItems: 1,
      maxItems: 100,
      description: 'Those that it is to see; all of them on one cell',
    }),
    reason: Type.String({
      minLength: 1,
      maxLength: 1000,
      pattern: '\\S',
      description: 'Stands in the audit trail of each tenant',
    }),
    minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 480, default: 30 })),
  },
  { additionalProperties: false },
);
export type OpenReader = Static<typeof OpenReader>;

/** `connection.password` is shown this once; only its verifier is stored, by PostgreSQL. */
export const OpenedReader = Type.Object({
  reader: Reader,
  connection: Type.Object({
    host: Type.String(),
    port: Type.Integer(),
    database: Type.String(),
    user: Type.String(),
    password: Type.String(),
    ssl: Type.Optional(
      Type.Union([
        Type.Boolean(),
        Type.Object({
          rejectUnauthorized: Type.Optional(Type.Boolean()),
          ca: Type.Optional(Type.String()),
        }),
      ]),
    ),
  }),
});
export type OpenedReader = Static<typeof OpenedReader>;

export const ListReaders = Type.Object(
  { state: Type.Optional(OneOf(readerStates)) },
  { additionalProperties: false },
);
export type ListReaders = Static<typeof ListReaders>;

export const ReaderRef = Type.Object({
  reader: Type.String({ maxLength: 40, description: 'Id of a reader' }),
});
