import { TenancyError } from '../errors.ts';
import type { SecurityEvent } from '../security/event.ts';
import { SecurityReporter } from '../security/reporter.ts';
import type { TenantId } from '../tenant-id.ts';
import { PlacementCache, type Entry } from './cache.ts';
import { Listeners } from './listeners.ts';
import { controlPlaneSettings, type ControlPlaneOptions, type ControlPlaneSettings } from './options.ts';
import { PlacementApi } from './placement-api.ts';
import { isRef, type Directory, type FindOptions, type Placement } from './placement.ts';
import { PlacementWatcher } from './watcher.ts';

/** A question that is under way, and who was said to have changed since it was asked. */
interface Asking {
  readonly changed: Set<TenantId>;
}

const mostAttempts = 3;

/**
 * The directory of a control plane: asked over HTTP, cached, told of changes by the cells themselves, and of use while the
 * control plane is down.
 *
 * An answer is used for `ttl` where the tenant's cell was listened to ever since it was asked for, so that no change was
 * missed, and for `unwatchedTtl` otherwise. What is known to have changed is never used again; what is merely old is, while
 * the control plane does not answer: a tenant that was suspended meanwhile is refused by PostgreSQL.
 *
 * ```ts
 * const directory = controlPlaneDirectory({ url: 'https://tenantry.internal', token, credentialKey });
 * await directory.find('acme');
 * ```
 * Throws TENANCY_OPTION.
 */
export function controlPlaneDirectory(options: ControlPlaneOptions): Directory {
  return new ControlPlaneDirectory(controlPlaneSettings(options));
}

class ControlPlaneDirectory implements Directory {
  readonly #settings: ControlPlaneSettings;
  readonly #api: PlacementApi;
  readonly #cache: PlacementCache;
  readonly #reporter: SecurityReporter | undefined;
  readonly #listeners = new Listeners();
  readonly #watchers = new Map<string, PlacementWatcher>();
  readonly #asking = new Set<Asking>();
  readonly #underWay = new Map<string, Promise<Placement | undefined>>();
  #downUntil = 0;
  #closed = false;

  constructor(settings: ControlPlaneSettings) {
    this.#settings = settings;
    this.#api = new PlacementApi(settings);
    this.#cache = new PlacementCache(settings.capacity);
    this.#reporter = settings.reportSecurity ? new SecurityReporter(settings) : undefined;
  }

  async find(ref: string, { fresh = false }: FindOptions = {}): Promise<Placement | undefined> {
    if (this.#closed) throw closed();
    if (!isRef(ref)) return undefined;
    const entry = this.#cache.get(ref);
    if (!fresh) {
      if (entry !== undefined && this.#isGood(entry)) return entry.placement;
      if (entry === undefined && this.#isUnknown(ref)) return undefined;
      if (entry?.changed === false && performance.now() < this.#downUntil) return entry.placement;
    }
    // Callers of one moment share one question; who wants it fresh does not join an older one.
    const key = fresh ? `fresh ${ref}` : ref;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const asked = this.#read(ref).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }

  onChange(listener: (tenant: TenantId) => void): () => void {
    return this.#listeners.add(listener);
  }

  report(event: SecurityEvent): void {
    this.#reporter?.add(event);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reporter?.close();
    this.#api.close();
    this.#listeners.clear();
    this.#cache.clear();
    await Promise.all(Array.from(this.#watchers.values(), (watcher) => watcher.close()));
    this.#watchers.clear();
  }

  async #read(ref: string): Promise<Placement | undefined> {
    for (let attempt = 1; ; attempt++) {
      const asking: Asking = { changed: new Set() };
      this.#asking.add(asking);
      try {
        const found = await this.#ask(ref, asking);
        // It was said to have changed while the question was under way: the answer may be the old one.
        if (found === undefined || !asking.changed.has(found.tenant) || attempt === mostAttempts)
          return found;
      } finally {
        this.#asking.delete(asking);
      }
    }
  }

  async #ask(ref: string, asking: Asking): Promise<Placement | undefined> {
    const askedAt = performance.now();
    const before = this.#cache.get(ref);
    const answer = await this.#api.ask(ref, before?.etag).catch((error: unknown) => error as TenancyError);
    if (this.#closed) throw closed();
    if (answer instanceof Error) return this.#whenDown(ref, answer);
    this.#downUntil = 0;
    if (answer.kind === 'unknown') {
      // Somebody has changed: it may be the one who has got this name.
      if (asking.changed.size === 0) this.#cache.setUnknown(ref, askedAt);
      else this.#cache.delete(ref);
      if (before !== undefined) this.#listeners.tell(before.placement.tenant);
      return undefined;
    }
    const isSame = answer.kind === 'unchanged';
    const { placement, etag } = isSame ? before! : answer;
    if (!asking.changed.has(placement.tenant))
      this.#cache.set(ref, { placement, etag, askedAt, changed: false });
    this.#watch(placement.cell);
    if (before !== undefined && !isSame && !before.changed) this.#listeners.tell(before.placement.tenant);
    return placement;
  }

  #whenDown(ref: string, error: TenancyError): Placement | undefined {
    this.#downUntil = performance.now() + this.#settings.retryAfter;
    this.#settings.onError(error);
    const entry = this.#cache.get(ref);
    if (entry?.changed === false) return entry.placement;
    throw error;
  }

  #isGood({ placement, askedAt, changed }: Entry): boolean {
    if (changed) return false;
    const { ttl, unwatchedTtl } = this.#settings;
    const since = this.#watchers.get(placement.cell.id)?.listeningSince;
    const isWatched = since !== undefined && since <= askedAt;
    return performance.now() - askedAt < (isWatched ? ttl : Math.min(ttl, unwatchedTtl));
  }

  #isUnknown(ref: string): boolean {
    const since = this.#cache.unknownSince(ref);
    return since !== undefined && performance.now() - since < this.#settings.unknownTtl;
  }

  #watch(cell: Placement['cell']): void {
    const watcher = this.#watchers.get(cell.id);
    if (watcher !== undefined) return watcher.update(cell);
    const { credentialKey, connectTimeout, heartbeat, onError } = this.#settings;
    const onNotice = (tenant: TenantId): void => this.#changed(tenant);
    this.#watchers.set(
      cell.id,
      new PlacementWatcher({ cell, credentialKey, connectTimeout, heartbeat, onNotice, onError }),
    );
  }

  #changed(tenant: TenantId): void {
    for (const { changed } of this.#asking) changed.add(tenant);
    this.#cache.changed(tenant);
    this.#listeners.tell(tenant);
  }
}

function closed(): TenancyError {
  return new TenancyError('TENANCY_CLOSED', 'The directory was closed.');
}
