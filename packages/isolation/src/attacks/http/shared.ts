import type { PlannedRoute } from './calls.ts';
import { withHeader, withHeaders, withoutHeaders } from './calls.ts';
import type { HttpAnswer, HttpCall, HttpTenant } from './spec.ts';
import type { Tally } from './tally.ts';

/** What attacks that need more than one request use of a run. */
export interface Stage {
  readonly tenants: readonly [HttpTenant, HttpTenant];
  readonly routes: readonly PlannedRoute[];
  readonly telling: readonly string[];
  readonly atOnce: number;
  callOf(route: PlannedRoute, caller: HttpTenant): HttpCall;
  send(call: HttpCall): Promise<HttpAnswer>;
  /** Sends it, leaves before the answer is there, and looks at nothing. */
  leave(call: HttpCall): Promise<void>;
  /** Sends it and looks for what must not be in the answer: the other's, or with `null` anybody's. */
  ask(tally: Tally, call: HttpCall, caller: HttpTenant | null): Promise<HttpAnswer>;
}

/** What two callers share: caches, validators, connections, and the process itself. */
export interface SharedAttack {
  readonly id: string;
  readonly title: string;
  run(stage: Stage, tally: Tally): Promise<void>;
}

function reads({ routes }: Stage): readonly PlannedRoute[] {
  return routes.filter(({ method, stream }) => method === 'GET' && !stream);
}

function header({ headers }: HttpAnswer, name: string): string | undefined {
  return headers.find(([own]) => own === name)?.[1];
}

export const sharedAttacks: readonly SharedAttack[] = [
  {
    id: 'http.cache',
    title: 'the same address right after the victim, and without a credential',
    async run(stage, tally) {
      for (const route of reads(stage)) {
        for (const caller of stage.tenants) {
          const victim = stage.tenants.find((each) => each !== caller)!;
          await stage.send(stage.callOf(route, victim));
          const own = stage.callOf(route, caller);
          await stage.ask(tally, { ...own, path: stage.callOf(route, victim).path }, caller);
          await stage.ask(tally, withHeader(own, 'cache-control', 'max-stale=3600, only-if-cached'), caller);
          await stage.ask(tally, withoutHeaders(stage.callOf(route, victim), stage.telling), null);
        }
      }
    },
  },
  {
    id: 'http.cacheable',
    title: 'an answer that a shared cache may keep',
    async run(stage, tally) {
      for (const route of reads(stage).filter(({ shows }) => shows)) {
        const call = stage.callOf(route, stage.tenants[0]);
        const answer = await stage.send(call);
        const control = header(answer, 'cache-control') ?? '';
        const kept =
          answer.status === 200 &&
          /\bpublic\b|s-maxage=[1-9]/.test(control) &&
          !/\bprivate\b|no-store/.test(control);
        tally.add(
          call,
          answer,
          kept
            ? {
                verdict: 'unexpected',
                message: `${route.name} is one tenant's, and says "cache-control: ${control}": a cache in between may give it to another.`,
              }
            : undefined,
        );
      }
    },
  },
  {
    id: 'http.cache-deception',
    title: 'an address that looks like a file, asked by the victim and then by nobody',
    async run(stage, tally) {
      for (const route of reads(stage)) {
        const call = stage.callOf(route, stage.tenants[1]);
        for (const ending of ['/x.css', ';x.js', '.css', '%0ax.png', '%3fx.css', '/..%2fx.css']) {
          const path = call.path.replace(/(\?.*)?$/, (query) => `${ending}${query}`);
          await stage.send({ ...call, path });
          await stage.ask(tally, withoutHeaders({ ...call, path }, stage.telling), null);
        }
      }
    },
  },
  {
    id: 'http.etag',
    title: 'the validator of the victim’s answer',
    async run(stage, tally) {
      for (const route of reads(stage).filter(({ shows }) => shows)) {
        for (const caller of stage.tenants) {
          const victim = stage.tenants.find((each) => each !== caller)!;
          const etag = header(await stage.send(stage.callOf(route, victim)), 'etag');
          if (etag === undefined) continue;
          const own = stage.callOf(route, caller);
          const call = withHeaders(own, { 'if-none-match': etag });
          const answer = await stage.ask(tally, call, caller);
          if (answer.status === 304)
            tally.add(call, answer, {
              verdict: 'hit',
              message: `${route.name} answers 304 to the validator of another tenant's answer, so the caller would show what it has cached of that.`,
            });
        }
      }
    },
  },
  {
    id: 'http.race',
    title: 'many requests of both at the same moment, over shared connections',
    async run(stage, tally) {
      for (const route of reads(stage)) {
        const callers = Array.from({ length: stage.atOnce }, () => stage.tenants).flat();
        await Promise.all(callers.map((caller) => stage.ask(tally, stage.callOf(route, caller), caller)));
      }
    },
  },
  {
    id: 'http.race-abandoned',
    title: 'requests of the victim that are given up half-way, and its own among them',
    async run(stage, tally) {
      for (const route of reads(stage)) {
        for (const caller of stage.tenants) {
          const victim = stage.tenants.find((each) => each !== caller)!;
          await Promise.all(
            Array.from({ length: stage.atOnce }, (_, n) =>
              n % 2 === 0
                ? stage.leave(stage.callOf(route, victim))
                : stage.ask(tally, stage.callOf(route, caller), caller),
            ),
          );
          await stage.ask(tally, stage.callOf(route, caller), caller);
        }
      }
    },
  },
  {
    id: 'http.race-failing',
    title: 'requests of the victim that fail, and its own among them',
    async run(stage, tally) {
      for (const route of reads(stage)) {
        for (const caller of stage.tenants) {
          const victim = stage.tenants.find((each) => each !== caller)!;
          const broken = { ...stage.callOf(route, victim), path: `${stage.callOf(route, victim).path}%ff` };
          await Promise.all(
            Array.from({ length: stage.atOnce }, async (_, n) => {
              if (n % 2 === 0) await stage.send(broken);
              else await stage.ask(tally, stage.callOf(route, caller), caller);
            }),
          );
        }
      }
    },
  },
];
