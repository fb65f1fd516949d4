import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installFaults, revisions, type Faults, type Gate } from './support/faults.ts';
import { provisioningPoints, slugOf, type Point } from './support/points.ts';
import { openSite, type Site } from './support/site.ts';
import type { ServerProcess } from '../support/process.ts';
import { expectTruth, quiet, storyOf, tryLogin, type Story } from './support/truth.ts';

let site: Site;
let faults: Faults;
beforeAll(async () => {
  site = await openSite();
  const first = site.spawn();
  await first.serving;
  faults = await installFaults(site.superuser);
  await first.kill();
});
afterAll(async () => {
  await faults.clear();
  await site.stop();
});

/** The points at which work can stand still together; then, one by one, those that hold everybody else up. */
function rounds(): Point[][] {
  const alone = provisioningPoints.filter((point) => point.alone).map((point) => [point]);
  return [provisioningPoints.filter((point) => !point.alone), ...alone];
}

async function standStill(server: ServerProcess, prefix: string, points: readonly Point[]): Promise<Gate[]> {
  const { admin } = await server.serving;
  const gates: Gate[] = [];
  for (const point of points) {
    const slug = `${prefix}-${slugOf(point)}`;
    if (point.phase === 'back') await faults.fail('tenant:active', slug);
    const gate = await faults.block(point.name === 'drop' ? 'rollback:running' : point.name, slug);
    // The answers to requests that are cut off are nobody's.
    admin.call('createTenant', { body: { slug } }).catch(() => {});
    await gate.reached();
    if (point.name !== 'drop') {
      gates.push(gate);
      continue;
    }
    const { rows } = await site.superuser.query<{ id: string }>(
      'SELECT id FROM tenantry.tenants WHERE slug = $1',
      [slug],
    );
    const drop = await faults.blockDrop(rows[0]!.id);
    await gate.open();
    await drop.reached();
    gates.push(drop);
  }
  return gates;
}

interface Outcome {
  readonly standing: boolean;
  readonly story: Story | undefined;
  readonly login: string | undefined;
}

async function outcomes(prefix: string, points: readonly Point[]): Promise<Map<string, Outcome>> {
  const standing = await expectTruth(site, { revisions });
  const found = new Map<string, Outcome>();
  for (const point of points) {
    const slug = `${prefix}-${slugOf(point)}`;
    const stands = standing.includes(slug);
    const login = stands ? await tryLogin(site, slug) : undefined;
    found.set(point.name, { standing: stands, story: await storyOf(site, slug), login });
  }
  return found;
}

/** Who was cut off before the failure was written down tries again, and that the test has mended what was broken. */
const beforeTheWayBack = ['activate:failed', 'rollback:running'];

function expectOutcome({ name, phase: at }: Point, outcome: Outcome | undefined): void {
  const phase = beforeTheWayBack.includes(name) && outcome?.standing === true ? 'forward' : at;
  if (phase === 'request') {
    expect(outcome).toEqual({ standing: false, story: undefined, login: undefined });
  } else if (phase === 'forward') {
    expect(outcome).toEqual({
      standing: true,
      login: 'open',
      story: {
        operation: 'succeeded',
        unfinished: [],
        audit: ['tenant.create success', 'tenant.activate success'],
      },
    });
  } else {
    expect(outcome).toMatchObject({
      standing: false,
      story: {
        operation: 'failed INTERNAL',
        unfinished: ['activate failed'],
        audit: ['tenant.create success', 'tenant.provision failure'],
      },
    });
  }
}

const concurrency = { TENANTRY_CONCURRENCY: '24' };
const named = provisioningPoints.map((point) => [point.name, point] as const);

describe('the server is killed with SIGKILL and started again', () => {
  const found = new Map<string, Outcome>();
  beforeAll(async () => {
    let server = site.spawn(concurrency);
    for (const points of rounds()) {
      const gates = await standStill(server, 'killed', points);
      await server.kill();
      // A statement on the control schema is short: its backend comes to its end and finds its client gone. One inside
      // the cell may go on for long, and what it holds must not keep the next worker from its work.
      await faults.disarm();
      await Promise.all(gates.filter((_, i) => !points[i]!.onCell).map((gate) => gate.open()));
      server = site.spawn(concurrency);
      await server.serving;
      // Without waiting for missed heartbeats.
      await quiet(site, 9_000);
      await faults.clear();
      for (const [name, outcome] of await outcomes('killed', points)) found.set(name, outcome);
    }
    await server.kill();
  }, 600_000);
  test.each(named)('at %s', (name, point) => expectOutcome(point, found.get(name)));
});

/** A crash takes seconds to come back from: of those that stand alone one inside the cell and the two ends. */
function inCrash({ name, alone }: Point): boolean {
  return !alone || ['migration:middle', 'operation:succeeded', 'rollback:succeeded'].includes(name);
}

describe('PostgreSQL crashes and comes back while the server goes on', () => {
  const found = new Map<string, Outcome>();
  beforeAll(async () => {
    const server = site.spawn(concurrency);
    for (const points of rounds().filter(([point]) => inCrash(point!))) {
      await standStill(server, 'crashed', points);
      await site.postgres.kill();
      await site.postgres.restart();
      await faults.clear();
      await quiet(site);
      for (const [name, outcome] of await outcomes('crashed', points)) found.set(name, outcome);
    }
    await server.kill();
  }, 300_000);
  test.each(named.filter(([, point]) => inCrash(point)))('at %s', (name, point) =>
    expectOutcome(point, found.get(name)),
  );
});
