import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApiError } from '@tenantry/contract';
import { installFaults, revisions, type Faults } from './support/faults.ts';
import { provisioningPoints, slugOf, type Point } from './support/points.ts';
import { openSite, type Site } from './support/site.ts';
import type { ServerProcess } from '../support/process.ts';
import { expectTruth, quiet, storyOf, tryLogin } from './support/truth.ts';

let site: Site;
let server: ServerProcess;
let faults: Faults;
beforeAll(async () => {
  site = await openSite();
  server = site.spawn();
  await server.serving;
  faults = await installFaults(site.superuser);
});
afterEach(() => faults.clear());
afterAll(async () => {
  await faults.clear();
  await site.stop();
});

const named = provisioningPoints.map((point) => [point.name, point] as const);

async function create(slug: string): Promise<string> {
  const { admin } = await server.serving;
  return admin.call('createTenant', { body: { slug } }).then(
    () => 'accepted',
    (error: unknown) => (error instanceof ApiError ? error.problem.code : String(error)),
  );
}

async function tenantIdOf(slug: string): Promise<string> {
  const { rows } = await site.superuser.query<{ id: string }>(
    'SELECT id FROM tenantry.tenants WHERE slug = $1',
    [slug],
  );
  return rows[0]!.id;
}

async function expectGone(slug: string, code: string, failedStep: string): Promise<void> {
  await quiet(site);
  expect(await expectTruth(site, { revisions })).not.toContain(slug);
  const story = await storyOf(site, slug);
  expect(story).toMatchObject({
    operation: `failed ${code}`,
    audit: ['tenant.create success', 'tenant.provision failure'],
  });
  expect(story?.unfinished[0]).toBe(`${failedStep} failed`);
}

async function expectActive(slug: string): Promise<void> {
  await quiet(site);
  expect(await expectTruth(site, { revisions })).toContain(slug);
  expect(await storyOf(site, slug)).toEqual({
    operation: 'succeeded',
    unfinished: [],
    audit: ['tenant.create success', 'tenant.activate success'],
  });
  expect(await tryLogin(site, slug)).toBe('open');
}

describe('a statement fails', () => {
  /** What the operation reports, and of which step, for those points where the failure is its end. */
  const ends: Readonly<Record<string, readonly [code: string, step: string]>> = {
    'build:running': ['INTERNAL', 'build'],
    'migration:first': ['MIGRATION_FAILED', 'build'],
    'migration:middle': ['MIGRATION_FAILED', 'build'],
    'build:report': ['INTERNAL', 'build'],
    deferred: ['MIGRATION_FAILED', 'build'],
    'build:succeeded': ['INTERNAL', 'probe'],
    'probe:running': ['INTERNAL', 'probe'],
    'probe:succeeded': ['INTERNAL', 'activate'],
    'tenant:active': ['INTERNAL', 'activate'],
    'activate:succeeded': ['INTERNAL', 'activate'],
    'operation:succeeded': ['INTERNAL', 'activate'],
  };
  test.each(named.filter(([name]) => name !== 'drop'))('at %s', async (_name, point) => {
    const slug = `failed-${slugOf(point)}`;
    if (point.phase === 'back') await faults.fail('tenant:active', slug);
    await faults.raise(point.name, slug);
    const answer = await create(slug);
    if (point.phase === 'request') {
      expect(answer).toBe('INTERNAL');
      expect(await expectTruth(site, { revisions })).not.toContain(slug);
      expect(await storyOf(site, slug)).toBeUndefined();
      return;
    }
    expect(answer).toBe('accepted');
    const end = point.phase === 'back' ? (['INTERNAL', 'activate'] as const) : ends[point.name];
    if (end) await expectGone(slug, ...end);
    else await expectActive(slug);
  });
});

describe('a migration is refused by PostgreSQL', () => {
  test.each([
    ['a lock that was not had in time', '55P03'],
    ['a deadlock', '40P01'],
    ['a statement that was cancelled', '57014'],
    ['no memory', '53200'],
    ['a row that is there already', '23505'],
    // Raised by the file itself, so it says nothing about the server, and trying again would help nobody.
    ['an end that was ordered', '57P01'],
  ])('for %s', async (_reason, sqlState) => {
    const slug = `refused-${sqlState.toLowerCase()}`;
    await faults.raise('migration:middle', slug, sqlState);
    expect(await create(slug)).toBe('accepted');
    await expectGone(slug, 'MIGRATION_FAILED', 'build');
    const { rows } = await site.superuser.query<{ error: object }>(
      'SELECT error FROM tenantry.operations WHERE tenant_slug = $1',
      [slug],
    );
    expect(rows[0]?.error).toMatchObject({ file: 'V2__middle.sql', line: 2, sqlState });
  });
});

describe('the backend that does it is ended', () => {
  test.each(named)('at %s', async (_name, point) => {
    const slug = `ended-${slugOf(point)}`;
    if (point.phase === 'back') await faults.fail('tenant:active', slug);
    const gate = await faults.block(point.name === 'drop' ? 'rollback:running' : point.name, slug);
    const answer = create(slug);
    await endAt(point, slug, gate);
    if (point.phase === 'request') {
      expect(await answer).toBe('DATABASE_UNAVAILABLE');
      expect(await expectTruth(site, { revisions })).not.toContain(slug);
      return;
    }
    expect(await answer).toBe('accepted');
    await (point.phase === 'back' ? expectGone(slug, 'INTERNAL', 'activate') : expectActive(slug));
  });

  async function endAt(
    point: Point,
    slug: string,
    gate: Awaited<ReturnType<Faults['block']>>,
  ): Promise<void> {
    let pid = await gate.reached();
    if (point.name === 'drop') {
      const drop = await faults.blockDrop(await tenantIdOf(slug));
      await gate.open();
      pid = await drop.reached();
      await site.superuser.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
      await drop.open();
      return;
    }
    await site.superuser.query('DELETE FROM fault.armed WHERE action = $1', ['block']);
    await site.superuser.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
    await gate.open();
  }
});
