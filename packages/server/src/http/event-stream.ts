import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ListenEvents, Permission } from '@tenantry/contract';
import type { Selectable } from 'kysely';
import type { Caller } from '../access/authenticate.ts';
import type { EventRow } from '../db/types.ts';
import { TenantryError } from '../errors.ts';
import type { EventHub, Subscriber } from '../operations/event-hub.ts';

const heartbeatMs = 15_000;
/** A reader that is this far behind is disconnected; it comes back with Last-Event-ID and is told the rest. */
const mostBuffered = 1_000_000;

/** What a topic takes to be seen. */
const topicPermissions: Readonly<Record<string, Permission>> = {
  tenants: 'tenants:read',
  tenant: 'tenants:read',
  operations: 'operations:read',
  operation: 'operations:read',
  audit: 'audit:read',
  cells: 'cells:read',
  readers: 'readers:read',
  isolation: 'isolation:read',
  sessions: 'sessions:read',
  security: 'security:read',
  keys: 'keys:read',
};

/** Streams, by reply: closed when the server stops. */
export type OpenStreams = Set<() => void>;

/** Answers with server-sent events until either side closes. Throws VALIDATION, FORBIDDEN. */
export async function streamEvents(
  hub: EventHub,
  open: OpenStreams,
  caller: Caller,
  query: ListenEvents,
  request: FastifyRequest,
  reply: FastifyReply,
  /** Asked from time to time: does the caller's session still live? */
  isAlive: () => Promise<boolean>,
): Promise<void> {
  const topics = topicsOf(caller, query.topics);
  const lastId = lastEventId(request, query);
  reply.hijack();
  const { raw } = reply;
  const headers = Object.fromEntries(
    Object.entries(reply.getHeaders()).map(([key, value]) => [key, String(value)]),
  );
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would otherwise hold the stream back until its buffer is full.
    'x-accel-buffering': 'no',
  });
  const write = (text: string) => {
    if (raw.writableEnded || raw.destroyed) return;
    raw.write(text);
    if (raw.writableLength > mostBuffered) raw.destroy();
  };
  write('retry: 1000\n\n');
  const close = () => raw.end();
  const heartbeat = setInterval(() => {
    if (caller.expiresAt !== null && caller.expiresAt <= new Date()) return close();
    write(': still here\n\n');
    if (caller.session === null) return;
    // A database that is away ends no stream: the next look will tell.
    isAlive().then(
      (alive) => alive || close(),
      (error: unknown) => request.log.warn({ err: error }, 'A session could not be looked up'),
    );
  }, heartbeatMs);
  open.add(close);
  const subscriber: Subscriber = {
    accepts: (event) => {
      // After the event itself has been sent, where the caller may see it.
      if (endsAccess(event, caller)) queueMicrotask(close);
      return (
        (caller.onlyTenant === null || event.tenant_id === caller.onlyTenant) &&
        event.topics.some((topic) => wants(topics, topic))
      );
    },
    send: (message) =>
      write(`id: ${message.id}\nevent: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`),
    resync: (id) => write(`id: ${id}\nevent: resync\ndata: {}\n\n`),
  };
  let leave = () => {};
  raw.on('close', () => {
    clearInterval(heartbeat);
    open.delete(close);
    leave();
  });
  try {
    leave = await hub.subscribe(subscriber, lastId);
    if (raw.destroyed || raw.writableEnded) leave();
  } catch (error) {
    request.log.warn({ err: error }, 'The event stream could not be replayed');
    raw.destroy();
  }
}

/** The caller was let in once; a stream must not outlive the key or the session that opened it. */
function endsAccess(event: Selectable<EventRow>, caller: Caller): boolean {
  if (event.type === 'key.revoked') {
    return (event.data as { readonly key?: { readonly id?: string } }).key?.id === caller.actor.id;
  }
  if (event.type === 'session.ended') {
    return caller.session !== null && event.data['session'] === caller.session.id;
  }
  return (
    event.type === 'tenant.deleted' && caller.onlyTenant !== null && event.tenant_id === caller.onlyTenant
  );
}

function topicsOf(caller: Caller, text: string | undefined): readonly string[] {
  const asked = text === undefined || text === '' ? undefined : text.split(',');
  if (asked === undefined) {
    const all = [
      'tenants',
      'operations',
      'audit',
      'cells',
      'readers',
      'isolation',
      'sessions',
      'security',
      'keys',
    ];
    return all.filter((topic) => caller.permissions.includes(topicPermissions[topic]!));
  }
  for (const topic of asked) {
    const permission = permissionOf(topic.split(':')[0]!);
    if (!permission) throw new TenantryError('VALIDATION', `There is no topic "${topic}".`);
    if (!caller.permissions.includes(permission)) {
      throw new TenantryError('FORBIDDEN', `The topic ${topic} needs the permission ${permission}.`);
    }
  }
  return asked;
}

function permissionOf(topic: string): Permission | undefined {
  return Object.hasOwn(topicPermissions, topic) ? topicPermissions[topic] : undefined;
}

function wants(topics: readonly string[], topic: string): boolean {
  return topics.includes(topic);
}

/** As it came: of what is no id the hub tells the reader. An empty one says that there has been none yet. */
function lastEventId(request: FastifyRequest, query: ListenEvents): string | undefined {
  const header = request.headers['last-event-id'];
  const id = typeof header === 'string' ? header : query.lastEventId;
  return id === '' ? undefined : id;
}
