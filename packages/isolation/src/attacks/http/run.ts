import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttackResult } from '../result.ts';
import type { HttpAttack, HttpScene } from './attack.ts';
import { callOf, planRoute, type PlannedRoute } from './calls.ts';
import { identityAttacks } from './identity.ts';
import { idAttacks } from './ids.ts';
import { Marks } from './marks.ts';
import { namingAttacks } from './naming.ts';
import { HttpDoor } from './send.ts';
import { sharedAttacks, type Stage } from './shared.ts';
import type { HttpAnswer, HttpCall, HttpSpec, HttpTenant } from './spec.ts';
import { Tally } from './tally.ts';

/** Every attack over HTTP that is made of single requests. */
export const httpAttacks: readonly HttpAttack[] = [...identityAttacks, ...namingAttacks, ...idAttacks];

export interface AttackHttpOptions {
  readonly spec: HttpSpec;
  /** Begins no further request. */
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: ((result: AttackResult) => void) | undefined;
}

const onStreams: readonly string[] = [
  'http.no-credential',
  'http.refused-credential',
  'http.tenant-header',
  'http.query',
  'http.foreign-id',
];

/** So many reading requests are under way at once, besides those of the races. */
const lanes = 6;

/**
 * Attacks an application over HTTP, each of its two tenants the other: who asks, about whom, for which id, and what callers
 * share. It knows of the two tenants only what the specification says, and looks for their marks alone. Each route has to show
 * its own caller a mark first: what shows nobody anything is no proof.
 *
 * It writes where a route does: give it tenants that are made for it. Rejects where the application does not answer at all,
 * and with a RangeError for a route that is none.
 *
 * ```ts
 * const results = await attackHttp({ spec: { url, tenants: [acme, globex], routes: ['GET /accounts', 'GET /accounts/{account}'] } });
 * results.filter(({ verdict }) => verdict === 'hit'); // []
 * ```
 */
export async function attackHttp({
  spec,
  signal,
  onResult,
}: AttackHttpOptions): Promise<readonly AttackResult[]> {
  const run = new HttpRun(spec, signal);
  try {
    const results = await run.all();
    for (const result of results) onResult?.(result);
    return results;
  } finally {
    run.close();
  }
}

class HttpRun {
  readonly #spec: HttpSpec;
  readonly #signal: AbortSignal | undefined;
  readonly #door: HttpDoor;
  readonly #routes: readonly PlannedRoute[];
  readonly #marks: ReadonlyMap<HttpTenant, Marks>;
  /** What each tenant writes: it must not be read by the other. */
  readonly #words: ReadonlyMap<HttpTenant, string>;
  readonly #telling: readonly string[];
  readonly #secrets: readonly string[];
  readonly #tallies = new Map<string, Tally>();

  constructor(spec: HttpSpec, signal: AbortSignal | undefined) {
    this.#spec = spec;
    this.#signal = signal;
    this.#routes = spec.routes.map(planRoute);
    this.#door = new HttpDoor(spec);
    this.#words = new Map(spec.tenants.map((tenant) => [tenant, `attack${randomBytes(8).toString('hex')}`]));
    this.#marks = new Map(
      spec.tenants.map((tenant) => [
        tenant,
        new Marks({ marks: [...tenant.marks, this.#words.get(tenant)!] }),
      ]),
    );
    this.#telling = tellingHeaders(spec.tenants);
    const credentials = [
      ...spec.tenants.map(({ headers }) => headers),
      ...Object.values(spec.refused ?? {}),
      spec.headers ?? {},
    ];
    // A name of a tenant is none, and is what a reader wants to see.
    const names = spec.tenants.flatMap(({ ids }) => ids);
    this.#secrets = credentials
      .flatMap((headers) => Object.values(headers))
      .filter((value) => !names.includes(value) && value.length >= 8);
  }

  async all(): Promise<readonly AttackResult[]> {
    const [a, b] = this.#spec.tenants;
    const reads = this.#routes.filter(({ isRead }) => isRead);
    const writes = this.#routes.filter(({ isRead }) => !isRead);
    await this.#lookAtOwn();
    for (const attack of httpAttacks) {
      for (const [caller, victim] of [
        [a, b],
        [b, a],
      ] as const)
        await this.#attack(attack, reads, caller, victim);
    }
    for (const attack of sharedAttacks) {
      if (this.#signal?.aborted) break;
      await attack.run(this.#stage(), this.#tally(attack, ['its own answer, or a refusal']));
    }
    for (const [caller, victim] of [
      [a, b],
      [b, a],
    ] as const) {
      const before = await this.#showing(victim);
      for (const attack of httpAttacks)
        if (attack.readsOnly !== true) await this.#attack(attack, writes, caller, victim);
      await this.#lookIntact(before, victim, caller);
    }
    return [...this.#tallies.values()].map((tally) => tally.result());
  }

  close(): void {
    this.#door.close();
  }

  #tally(about: { readonly id: string; readonly title: string }, expected: readonly string[]): Tally {
    const known = this.#tallies.get(about.id);
    if (known !== undefined) return known;
    const tally = new Tally(about, expected, this.#secrets);
    this.#tallies.set(about.id, tally);
    return tally;
  }

  async #attack(
    attack: HttpAttack,
    routes: readonly PlannedRoute[],
    caller: HttpTenant,
    victim: HttpTenant,
  ): Promise<void> {
    const tally = this.#tally(
      attack,
      attack.of === 'nobody' ? ['401', '403', '404'] : ['its own answer, or a refusal'],
    );
    const calls = routes.flatMap((route) => {
      const all = attack.calls(this.#scene(route, caller, victim));
      // A stream takes its time: what is tried on it is who may open it, and for whom.
      return route.stream ? (onStreams.includes(attack.id) ? all.slice(0, 4) : []) : all;
    });
    const rest = calls.values();
    const work = async (): Promise<void> => {
      for (const call of rest) {
        if (this.#signal?.aborted) return;
        await this.#ask(tally, call, attack.of === 'nobody' ? null : caller);
      }
    };
    const isWriting = routes.some(({ isRead }) => !isRead);
    await Promise.all(Array.from({ length: isWriting ? 1 : lanes }, work));
  }

  #scene(route: PlannedRoute, caller: HttpTenant, victim: HttpTenant): HttpScene {
    const word = this.#words.get(caller)!;
    return {
      route,
      caller,
      victim,
      word,
      spec: this.#spec,
      own: callOf(route, caller, word),
      telling: this.#telling,
    };
  }

  async #ask(tally: Tally, call: HttpCall, caller: HttpTenant | null): Promise<HttpAnswer> {
    const answer = await this.#send(call);
    if (answer === undefined) return nothing;
    if (answer === 'late') {
      tally.add(call, nothing, { verdict: 'unexpected', message: 'It did not answer in time.' });
      return nothing;
    }
    const others = this.#spec.tenants.filter((tenant) => tenant !== caller);
    const leak = others
      .map((tenant) => ({ tenant, text: this.#marks.get(tenant)!.in(answer, call) }))
      .find(({ text }) => text !== undefined);
    if (leak !== undefined) {
      const who = caller === null ? 'whoever asks' : caller.name;
      tally.add(call, answer, {
        verdict: 'hit',
        message: `${leak.tenant.name}'s data reached ${who}: … ${leak.text} …`,
      });
    } else if (answer.status >= 500) {
      tally.add(call, answer, {
        verdict: 'unexpected',
        message: `It failed with ${answer.status}: an application should refuse what it does not understand.`,
      });
    } else tally.add(call, answer);
    return answer;
  }

  /** What a client cannot even send, as a header that is none, and what a server cuts off, shows nobody anything. */
  async #send(call: HttpCall): Promise<HttpAnswer | 'late' | undefined> {
    try {
      return await this.#door.send(call, this.#signal);
    } catch (error) {
      const { code, name } = error as Error & { readonly code?: string };
      if (name === 'AbortError') return this.#signal?.aborted ? undefined : 'late';
      if (
        code === 'ERR_INVALID_CHAR' ||
        code === 'ERR_UNESCAPED_CHARACTERS' ||
        code === 'ECONNRESET' ||
        code === 'EPIPE' ||
        code?.startsWith('HPE_')
      )
        return undefined;
      throw error;
    }
  }

  /** The positive control: every route that shows something shows its own caller a mark, and not the other's. */
  async #lookAtOwn(): Promise<void> {
    const tally = this.#tally({ id: 'http.own', title: 'as itself, for what is its own' }, [
      'a mark of its own',
    ]);
    for (const route of this.#routes.filter(({ method }) => method === 'GET')) {
      for (const caller of this.#spec.tenants) {
        if (this.#signal?.aborted) return;
        const call = callOf(route, caller, this.#words.get(caller)!);
        const answer = await this.#door.send(call, this.#signal);
        const own = this.#marks.get(caller)!.in(answer, { ...call, path: '' });
        const blind = route.shows && own === undefined;
        if (blind)
          tally.add(call, answer, {
            verdict: 'unexpected',
            message: `${route.name} did not show ${caller.name} a mark of its own, so that it shows nobody else's proves nothing. Give it a row with a mark, or say "shows": false.`,
          });
        else await this.#ask(tally, call, caller);
      }
    }
  }

  /** Routes that show a tenant a mark of its own at this moment. */
  async #showing(tenant: HttpTenant): Promise<readonly PlannedRoute[]> {
    const showing: PlannedRoute[] = [];
    for (const route of this.#routes.filter(({ shows, stream }) => shows && !stream)) {
      const call = callOf(route, tenant, this.#words.get(tenant)!);
      const answer = await this.#send(call);
      if (answer === undefined || answer === 'late') continue;
      if (this.#marks.get(tenant)!.in(answer, { ...call, path: '' }) !== undefined) showing.push(route);
    }
    return showing;
  }

  async #lookIntact(before: readonly PlannedRoute[], victim: HttpTenant, caller: HttpTenant): Promise<void> {
    const tally = this.#tally(
      { id: 'http.intact', title: 'the victim has what it had, and nothing of the attacker' },
      ['a mark of its own'],
    );
    if (this.#signal?.aborted) return;
    const after = await this.#showing(victim);
    for (const route of before) {
      const call = callOf(route, victim, this.#words.get(victim)!);
      const answer = await this.#ask(tally, call, victim);
      if (!after.includes(route))
        tally.add(call, answer, {
          verdict: 'hit',
          message: `After requests of ${caller.name}, ${route.name} no longer shows ${victim.name} what is its own.`,
        });
    }
  }

  #stage(): Stage {
    return {
      tenants: this.#spec.tenants,
      routes: this.#routes,
      telling: this.#telling,
      atOnce: this.#spec.atOnce ?? 20,
      callOf: (route, caller) => callOf(route, caller, this.#words.get(caller)!),
      send: async (call) => {
        const answer = await this.#send(call);
        return answer === undefined || answer === 'late' ? nothing : answer;
      },
      leave: async (call) => {
        const leaving = new AbortController();
        const sent = this.#door.send(call, leaving.signal).then(
          () => undefined,
          () => undefined,
        );
        await pause(Math.random() * 5);
        leaving.abort();
        await sent;
      },
      ask: (tally, call, caller) => this.#ask(tally, call, caller),
    };
  }
}

/** Of a request that was not even sent, or got no answer. */
const nothing: HttpAnswer = { status: 0, headers: [], body: '' };

/** Headers in which the two differ. */
function tellingHeaders([a, b]: HttpSpec['tenants']): readonly string[] {
  const lower = ({ headers }: HttpTenant): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const [ofA, ofB] = [lower(a), lower(b)];
  return [...new Set([...Object.keys(ofA), ...Object.keys(ofB)])].filter((name) => ofA[name] !== ofB[name]);
}
