import { Type, type Static } from 'typebox';
import { Timestamp } from './common.ts';

export const ListenEvents = Type.Object(
  {
    topics: Type.Optional(
      Type.String({
        maxLength: 1000,
        description:
          'With commas: tenants, operations, audit, cells, readers, isolation, security, sessions, keys, or operation:<id>, tenant:<id>. All if absent',
      }),
    ),
    lastEventId: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,18}$',
        description: 'As the Last-Event-ID header, for clients that cannot set it',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ListenEvents = Static<typeof ListenEvents>;

/** One message of the stream: `id:` is the number to resume after, `event:` the type, `data:` this object. */
export const EventMessage = Type.Object({
  id: Type.String(),
  type: Type.String(),
  at: Timestamp,
  topics: Type.Array(Type.String()),
  data: Type.Record(Type.String(), Type.Unknown()),
});
export type EventMessage = Static<typeof EventMessage>;
