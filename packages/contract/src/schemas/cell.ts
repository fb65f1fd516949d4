import { Type, type Static } from 'typebox';
import { Nullable, OneOf, Timestamp } from './common.ts';

/** How a connection becomes a tenant's: it logs in as the tenant, or leases the tenant to a slot. */
export const cellLanes = ['sealed', 'leased'] as const;
export type CellLane = (typeof cellLanes)[number];

const Lanes = Type.Array(OneOf(cellLanes), {
  minItems: 1,
  uniqueItems: true,
  description: 'How connections of applications may become a tenant’s',
});

const Slots = Type.Integer({
  minimum: 1,
  maximum: 500,
  description: 'Logins that tenants are leased to: the leased connections that the cell can have at once',
});

export const Cell = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    kind: OneOf(['embedded', 'external']),
    isDefault: Type.Boolean(),
    host: Type.String({ description: 'host:port/database; never the password' }),
    login: Type.String({ description: 'The control role on this cell' }),
    serverVersion: Type.String(),
    allowedExtensions: Type.Array(Type.String()),
    lanes: Lanes,
    slots: Slots,
    tenants: Type.Integer(),
    spares: Type.Integer({ description: 'Warm, fully migrated schemas waiting for a tenant' }),
    createdAt: Timestamp,
  },
  { $id: 'Cell' },
);
export type Cell = Static<typeof Cell>;

export const CellList = Type.Object({ items: Type.Array(Cell) });
export type CellList = Static<typeof CellList>;

export const AddCell = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
    url: Type.String({
      maxLength: 2000,
      description: 'postgresql://login:password@host:port/database. Stored encrypted',
    }),
    allowedExtensions: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9_-]{1,63}$' }), { maxItems: 50 }),
    ),
    lanes: Type.Optional(Lanes),
    slots: Type.Optional(Slots),
  },
  { additionalProperties: false },
);
export type AddCell = Static<typeof AddCell>;

export const UpdateCell = Type.Object(
  { lanes: Type.Optional(Lanes), slots: Type.Optional(Slots) },
  { additionalProperties: false, minProperties: 1 },
);
export type UpdateCell = Static<typeof UpdateCell>;

export const CellRef = Type.Object({ cell: Type.String({ maxLength: 63, description: 'Name of a cell' }) });

export const CellCheckItem = Type.Object({
  name: Type.String(),
  ok: Type.Boolean(),
  severity: OneOf(['error', 'warning']),
  message: Type.String(),
  sql: Nullable(Type.String({ description: 'What to run, by whom the message says, to mend it' })),
});
export type CellCheckItem = Static<typeof CellCheckItem>;

export const CellCheck = Type.Object({
  cell: Type.String(),
  ok: Type.Boolean(),
  items: Type.Array(CellCheckItem),
});
export type CellCheck = Static<typeof CellCheck>;
