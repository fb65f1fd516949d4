import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import type { Tenancy } from '../tenancy.ts';
import type { TenantId } from '../tenant-id.ts';
import type { TenantResolver } from '../resolve/resolver.ts';

/** What every adapter for a web framework needs. */
export interface WebOptions {
  readonly tenancy: Pick<Tenancy, 'run' | 'exit'>;
  readonly resolver: TenantResolver;
}

/**
 * Begins the work of a request: as its tenant, or as nobody. Whatever context the server was started in, or the last request
 * on the connection has left, is not its own. The events of `emitters`, its request and response, are its own from then on.
 */
export function enter<T>(
  tenancy: WebOptions['tenancy'],
  tenant: TenantId | undefined,
  fn: () => T,
  ...emitters: readonly EventEmitter[]
): T {
  own(tenancy, tenant, ...emitters);
  return tenancy.exit(() => (tenant === undefined ? fn() : tenancy.run(tenant, fn)));
}

/** Whose the events of requests and responses are. */
const owners = new WeakMap<WebOptions['tenancy'], WeakMap<EventEmitter, TenantId | undefined>>();

/**
 * Makes the events of a request and its response the tenant's, or nobody's. Node emits `drain`, `finish` and `close` of a
 * response within whatever has just moved on the connection, which with pipelining is the request before; what a stream reads
 * then, and what runs behind the response, would be that one's work.
 */
export function own(
  tenancy: WebOptions['tenancy'],
  tenant: TenantId | undefined,
  ...emitters: readonly EventEmitter[]
): void {
  let known = owners.get(tenancy);
  if (known === undefined) owners.set(tenancy, (known = new WeakMap()));
  for (const emitter of emitters) {
    if (!known.has(emitter)) {
      const emit = emitter.emit.bind(emitter);
      const owned = known;
      emitter.emit = (...args) => enter(tenancy, owned.get(emitter), () => emit(...args));
    }
    known.set(emitter, tenant);
  }
}

/** Makes what a stream does to be read the tenant's work, whoever reads it: a framework does that when the handler is over. */
export function ownReads(
  tenancy: WebOptions['tenancy'],
  tenant: TenantId | undefined,
  stream: Readable,
): void {
  // oxlint-disable no-underscore-dangle -- what Node calls it
  const read = stream._read.bind(stream);
  stream._read = (size) => enter(tenancy, tenant, () => read(size));
}
