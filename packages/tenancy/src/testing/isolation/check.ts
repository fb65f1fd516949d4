import type { TestTenant } from '../options.ts';
import { attacksOn } from './attacks.ts';
import { send, type Call } from './call.ts';
import { findCanary, type Answer } from './canary.ts';
import type { IsolationFinding, IsolationOptions } from './options.ts';
import type { PlannedRoute } from './route.ts';
import { differences, takeSnapshot, type Snapshot } from './snapshot.ts';

/** So many attacks are under way at once. */
const atOnce = 8;

/** One run of the check: what was sent and what was found. */
export class Check {
  readonly findings: IsolationFinding[] = [];
  readonly skipped = new Set<string>();
  readonly statuses = new Map<PlannedRoute, Record<string, number>>();
  readonly #options: IsolationOptions;
  readonly #headers: ReadonlyMap<TestTenant, Readonly<Record<string, string>>>;
  /** Which of several paths is the one that works. */
  readonly #path = new Map<PlannedRoute, number>();
  readonly #sawOwn = new Map<PlannedRoute, Set<TestTenant>>();
  readonly #snapshots = new Map<TestTenant, Snapshot>();
  #requests = 0;

  constructor(options: IsolationOptions, headers: ReadonlyMap<TestTenant, Readonly<Record<string, string>>>) {
    this.#options = options;
    this.#headers = headers;
  }

  get requests(): number {
    return this.#requests;
  }

  sawOwn(route: PlannedRoute): number {
    return this.#sawOwn.get(route)?.size ?? 0;
  }

  get tables(): readonly string[] {
    return [...(this.#snapshots.get(this.#options.tenants[0])?.keys() ?? [])];
  }

  other(tenant: TestTenant): TestTenant {
    const [a, b] = this.#options.tenants;
    return tenant === a ? b : a;
  }

  /** A tenant's own request. Of the paths that could be meant the first that works is kept. */
  async own(route: PlannedRoute, tenant: TestTenant, how: string): Promise<Answer> {
    const known = this.#path.get(route);
    if (known !== undefined) return this.call(route, tenant, this.base(route, tenant), how);
    let answer: Answer | undefined;
    for (const at of route.paths(tenant).keys()) {
      answer = await this.call(route, tenant, this.base(route, tenant, at), how);
      if (worked(answer) && (!route.isRead || this.sawOwn(route) > 0)) {
        this.#path.set(route, at);
        return answer;
      }
    }
    return answer!;
  }

  base(route: PlannedRoute, tenant: TestTenant, at = this.#path.get(route) ?? 0): Call {
    const { options } = route;
    const body = route.body(tenant);
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const json = text === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' };
    const headers = { ...json, ...options.headers, ...this.#headers.get(tenant) };
    const query = new URLSearchParams(options.query).toString();
    const paths = route.paths(tenant);
    return {
      method: route.method,
      path: `${paths[at] ?? paths[0]!}${query === '' ? '' : `?${query}`}`,
      headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ...(text === undefined ? {} : { body: text }),
    };
  }

  /** Sends a request and looks for the other's canary in the answer. */
  async call(route: PlannedRoute, caller: TestTenant, call: Call, how: string): Promise<Answer> {
    this.#requests += 1;
    const answer = await send(this.#options, call, this.#options.timeoutMs ?? 10_000);
    const statuses = this.statuses.get(route) ?? {};
    this.statuses.set(route, { ...statuses, [answer.status]: (statuses[answer.status] ?? 0) + 1 });
    const other = this.other(caller);
    const leak = findCanary(answer, other.canary);
    if (leak !== undefined) this.found({ kind: 'leak', caller, of: other, route, how, detail: leak });
    if (findCanary(answer, caller.canary) !== undefined) {
      this.#sawOwn.set(route, (this.#sawOwn.get(route) ?? new Set()).add(caller));
    }
    return answer;
  }

  /** Sends the request with the other named everywhere; reads at the same time, writes one after the other. */
  async attack(route: PlannedRoute, caller: TestTenant): Promise<void> {
    const victim = this.other(caller);
    const base = this.base(route, caller);
    const { attacks, skipped } = attacksOn(route, base, {
      caller,
      victim,
      callerHeaders: this.#headers.get(caller)!,
      victimHeaders: this.#headers.get(victim)!,
    });
    for (const reason of skipped) this.skipped.add(reason);
    // The ids of the other, where they are not the same.
    const foreign = this.base(route, victim).path;
    const all =
      foreign === base.path
        ? attacks
        : [...attacks, { how: 'ids of the other', call: { ...base, path: foreign } }];
    const next = all.values();
    const work = async (): Promise<void> => {
      for (const { how, call } of next) await this.call(route, caller, call, how);
    };
    await Promise.all(Array.from({ length: route.isRead ? atOnce : 1 }, work));
  }

  /** True when a tenant has not what it had. */
  async hasChanged(tenant: TestTenant): Promise<boolean> {
    const before = this.#snapshots.get(tenant)!;
    await this.remember(tenant);
    return differences(before, this.#snapshots.get(tenant)!).length > 0;
  }

  /** Remembers what a tenant has. */
  async remember(tenant: TestTenant): Promise<void> {
    this.#snapshots.set(tenant, await takeSnapshot(tenant, this.#options.ignoreTables ?? []));
  }

  /** Compares what a tenant has with what it had, after requests of the other. */
  async compare(route: PlannedRoute, tenant: TestTenant, how: string): Promise<void> {
    const before = this.#snapshots.get(tenant)!;
    await this.remember(tenant);
    for (const detail of differences(before, this.#snapshots.get(tenant)!))
      this.found({ kind: 'write', caller: this.other(tenant), of: tenant, route, how, detail });
  }

  found(finding: {
    readonly kind: IsolationFinding['kind'];
    readonly caller: TestTenant;
    readonly of: TestTenant;
    readonly route: PlannedRoute;
    readonly how: string;
    readonly detail: string;
  }): void {
    const { caller, of, route } = finding;
    this.findings.push({ ...finding, caller: caller.slug, of: of.slug, route: route.name });
  }
}

/** The request reached what it is for; a conflict, too, is one with a row that was found. */
export function worked({ status }: Answer): boolean {
  return (status >= 200 && status < 300) || status === 409 || status === 412;
}
