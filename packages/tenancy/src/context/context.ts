import { AsyncLocalStorage } from 'node:async_hooks';
import { TenancyError, tenantNotFound } from '../errors.ts';
import { isTenantId, type TenantId } from '../tenant-id.ts';

/** The tenant of some work, as data: it can be put into a job and taken out of it in another process. */
export interface CapturedContext {
  readonly tenant: TenantId;
}

interface Frame {
  readonly tenant: TenantId;
}

/**
 * Whose work is being done, carried along by Node through promises, timers, streams and callbacks. Where Node cannot carry
 * it (an emitter made elsewhere, a queue, another process) there is none, and work without a tenant does not run.
 */
export class TenantContext {
  readonly #storage = new AsyncLocalStorage<Frame | undefined>();
  readonly #onRefusal: (error: TenancyError) => void;

  /** `onRefusal` hears of every error that is thrown here. */
  constructor(onRefusal: (error: TenancyError) => void = () => {}) {
    this.#onRefusal = onRefusal;
  }

  /**
   * Runs a function, and all that it begins, as a tenant. Throws TENANT_CONTEXT_CONFLICT inside the context of another
   * tenant, and TENANT_NOT_FOUND for what is no tenant id.
   */
  run<T>(tenant: TenantId, fn: () => T): T {
    if (!isTenantId(tenant)) throw this.#refused(tenantNotFound());
    const outer = this.peek();
    if (outer !== undefined && outer !== tenant) throw this.#refused(conflict());
    return this.#storage.run({ tenant }, fn);
  }

  /** The tenant whose work this is. Throws TENANT_CONTEXT_MISSING where it is nobody's. */
  current(): TenantId {
    const tenant = this.peek();
    if (tenant === undefined) throw this.#refused(missing());
    return tenant;
  }

  /** The tenant whose work this is, or undefined. */
  peek(): TenantId | undefined {
    return this.#storage.getStore()?.tenant;
  }

  /** Runs a function as nobody's work. */
  exit<T>(fn: () => T): T {
    return this.#storage.run(undefined, fn);
  }

  /** The current tenant as data, to be restored in a job. Throws TENANT_CONTEXT_MISSING. */
  capture(): CapturedContext {
    return { tenant: this.current() };
  }

  /** Runs a function in a captured context. Throws TENANT_CONTEXT_MISSING where there is none in it. */
  restore<T>(captured: CapturedContext | null | undefined, fn: () => T): T {
    const tenant: unknown = captured?.tenant;
    if (typeof tenant !== 'string' || !isTenantId(tenant)) throw this.#refused(missingInJob());
    return this.run(tenant, fn);
  }

  /**
   * A function that runs as the tenant of this moment whenever and from wherever it is called: for event emitters,
   * connection pools and other callbacks that somebody else's work may call. Throws TENANT_CONTEXT_MISSING.
   */
  bind<A extends readonly unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
    const tenant = this.current();
    return (...args) => this.#storage.run({ tenant }, fn, ...args);
  }

  #refused(error: TenancyError): TenancyError {
    this.#onRefusal(error);
    return error;
  }
}

function conflict(): TenancyError {
  return new TenancyError(
    'TENANT_CONTEXT_CONFLICT',
    'This work belongs to another tenant already. Leave its context with exit() before you begin work of the next.',
  );
}

function missing(): TenancyError {
  return new TenancyError(
    'TENANT_CONTEXT_MISSING',
    'This work belongs to no tenant. Wrap it in tenancy.run(tenant, …); where a callback has lost its context ' +
      '(an event emitter, a queue), wrap that in tenancy.bind(…).',
  );
}

function missingInJob(): TenancyError {
  return new TenancyError(
    'TENANT_CONTEXT_MISSING',
    'The job carries no tenant. Put tenancy.capture() into it where it is made.',
  );
}
