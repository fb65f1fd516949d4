import { Type, type Static, type TSchema } from 'typebox';

export const Timestamp = Type.String({ format: 'date-time', description: 'ISO 8601, UTC, milliseconds' });

/**
 * A time that a caller gives; without what not every part of the system knows: the year 0, the 61st second, offsets that no
 * clock on Earth has, and what an offset moves out of the years 1 to 9999.
 */
export const GivenTimestamp = Type.String({
  format: 'date-time',
  pattern:
    '^(?!0000|0001.*\\+|9999.*-\\d\\d:\\d\\d$)\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:[0-5]\\d(?:\\.\\d+)?' +
    '(?:[Zz]|[+-](?:0\\d|1[0-3]):[0-5]\\d|[+-]14:00)$',
  description: 'ISO 8601, with an offset of at most 14 hours',
});

export function Nullable<T extends TSchema>(schema: T, description?: string) {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
}

/** A closed set of strings as one `enum`, which OpenAPI tools show better than a union of constants. */
export function OneOf<const T extends readonly string[]>(values: T, description?: string) {
  return Type.Unsafe<T[number]>({
    type: 'string',
    enum: [...values],
    ...(description ? { description } : {}),
  });
}

/**
 * A page of a list. `nextCursor` is null on the last page. `total` is exact up to 10,000; above, `totalIsExact` is
 * false and `total` is 10,001.
 */
export function Page<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    nextCursor: Nullable(Type.String()),
    total: Type.Integer(),
    totalIsExact: Type.Boolean(),
    asOf: Timestamp,
  });
}

export const Cursor = Type.Optional(
  Type.String({ maxLength: 2000, description: 'The nextCursor of the page before' }),
);

export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'Items on a page' }),
);

/** An RFC 9457 problem. `code` is stable; `requestId` finds the same request in the server's log and the audit. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  requestId: Type.Optional(Type.String()),
  errors: Type.Optional(
    Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
      description: 'What is wrong, field by field',
    }),
  ),
  file: Type.Optional(Type.String({ description: 'The migration that is to blame' })),
  line: Type.Optional(Type.Integer()),
  sqlState: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String()),
});
export type Problem = Static<typeof Problem>;
