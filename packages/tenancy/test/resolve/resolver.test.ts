import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  controlPlaneDirectory,
  staticDirectory,
  type Directory,
  type Placement,
} from '../../src/directory/index.ts';
import { newTenantId } from '../../src/index.ts';
import {
  everybody,
  header,
  path,
  problemOf,
  provenBy,
  tenantResolver,
  type Resolution,
  type ResolverOptions,
  type TenantSource,
} from '../../src/resolve/index.ts';
import { PlacementServer } from '../directory/placement-server.ts';
import { requestOf } from './requests.ts';

const placementOf = (slug: string): Placement => ({
  tenant: newTenantId(),
  slug,
  state: 'active',
  schema: slug,
  credentialVersion: 1,
  level: 'sealed',
  // Nothing listens there: the directory hears of no changes.
  cell: { id: 'cell-1', hosts: [{ host: '127.0.0.1', port: 1 }], database: 'd', lanes: ['sealed'], slots: 1 },
});
const [a, b] = [placementOf('a'), placementOf('b')];
const directory = staticDirectory([a, b]);

const saying = (name: string, ref: string | undefined, isInvalid = false): TenantSource => ({
  name,
  read: () =>
    isInvalid
      ? { kind: 'invalid', reason: 'of a test' }
      : ref === undefined
        ? { kind: 'absent' }
        : { kind: 'found', ref },
});

function resolveBy(
  sources: readonly TenantSource[],
  other: Partial<ResolverOptions> = {},
): Promise<Resolution> {
  const resolver = tenantResolver({ directory, sources, membership: everybody, refusalGrid: 1, ...other });
  return resolver.resolve(requestOf('/'));
}

test('sources that agree, by whatever name, give the tenant, what named it and the proofs', async () => {
  const proof: TenantSource = { name: 'session', read: () => ({ kind: 'absent', proof: { user: 'u' } }) };
  const found = await resolveBy([
    saying('one', a.slug),
    saying('two', a.tenant),
    saying('three', undefined),
    proof,
  ]);
  expect(found).toMatchObject({
    tenant: a.tenant,
    placement: a,
    named: ['one', 'two'],
    proofs: { session: { user: 'u' } },
  });
});

test('for whatever sources say: invalid wins, none is refused, only agreement passes, and nothing tells who exists', async () => {
  const refs = fc.constantFrom(undefined, a.slug, a.tenant, b.slug, 'unknown', 'unknown-too', newTenantId());
  const said = fc.array(fc.record({ ref: refs, isInvalid: fc.boolean() }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(said, async (all) => {
      const outcome = await resolveBy(
        all.map(({ ref, isInvalid }, i) => saying(`s${i}`, ref, isInvalid)),
      ).then(
        ({ tenant }) => tenant as string,
        (error: { code: string }) => error.code,
      );
      const named = all.flatMap(({ ref }) => (ref === undefined ? [] : [ref]));
      const tenants = new Set(
        named.map((ref) => [a, b].find(({ tenant, slug }) => ref === tenant || ref === slug)?.tenant),
      );
      const [only] = tenants;
      if (all.some(({ isInvalid }) => isInvalid) || named.length === 0)
        expect(outcome).toBe('TENANT_SOURCE_INVALID');
      else if (tenants.size === 1 && only !== undefined) expect(outcome).toBe(only);
      else expect(outcome).toBe(new Set(named).size > 1 ? 'TENANT_SOURCE_CONFLICT' : 'TENANT_NOT_FOUND');
    }),
    { numRuns: 200 },
  );
});

test('to who gives several names nothing tells which of them there are', async () => {
  const pairs = [
    ['unknown', 'unknown-too'],
    [a.slug, 'unknown'],
    ['unknown', a.slug],
    [a.slug, b.slug],
    [a.slug, a.tenant],
    [a.tenant, newTenantId()],
  ];
  const answers = await Promise.all(
    pairs.map(([one, two]) =>
      resolveBy([saying('one', one), saying('two', two)], { membership: () => false }).catch(
        (error: unknown) => JSON.stringify(problemOf(error)),
      ),
    ),
  );
  expect(answers[0]).toContain('TENANT_SOURCE_CONFLICT');
  expect(new Set(answers).size).toBe(1);
});

test('membership is always asked, and anything but true is the 404', async () => {
  const asked: string[] = [];
  const found = resolveBy([saying('one', a.slug)], {
    membership: ({ placement }) => asked.push(placement.slug) === 1,
  });
  expect((await found).tenant).toBe(a.tenant);
  expect(asked).toEqual(['a']);
  for (const answer of [false, undefined, null, 1, 'yes', {}, []]) {
    const membership = (async () => answer) as unknown as () => Promise<boolean>;
    await expect(resolveBy([saying('one', a.slug)], { membership })).rejects.toMatchObject({
      code: 'TENANT_NOT_FOUND',
    });
  }
});

test('a membership check that fails lets nobody in, and says what it said', async () => {
  const membership = (): never => {
    throw new Error('no database');
  };
  await expect(resolveBy([saying('one', a.slug)], { membership })).rejects.toThrow('no database');
});

test('provenBy takes the word of the sources it names', async () => {
  const sources = [saying('token', a.slug), saying('header x-tenant', a.slug)];
  expect((await resolveBy(sources, { membership: provenBy('token') })).tenant).toBe(a.tenant);
  await expect(resolveBy(sources.slice(1), { membership: provenBy('token') })).rejects.toMatchObject({
    code: 'TENANT_NOT_FOUND',
  });
});

test.each([
  [{ sources: [] }, 'source'],
  [{ sources: [header(), header()] }, 'same name'],
  [{ membership: undefined }, 'membership'],
])('%# is refused', (change, word) => {
  const options = {
    directory,
    sources: [header()],
    membership: everybody,
    ...change,
  } as unknown as ResolverOptions;
  expect(() => tenantResolver(options)).toThrow(
    expect.objectContaining({
      code: 'TENANCY_OPTION',
      message: expect.stringContaining(word) as string,
    }) as Error,
  );
});

test('what callers are told: the same for every tenant that is not theirs, and nothing of a 5xx', async () => {
  const unknown = await resolveBy([saying('one', 'unknown')]).catch((error: unknown) => problemOf(error));
  const forbidden = await resolveBy([saying('one', a.slug)], { membership: () => false }).catch(
    (error: unknown) => problemOf(error),
  );
  expect(unknown).toEqual(forbidden);
  expect(unknown).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } });
  expect(problemOf(new Error('secret'))).toBeUndefined();
  const down = Object.assign(new Error('secret'), { name: 'TenancyError', code: 'TENANCY_CONTROL_PLANE' });
  expect(JSON.stringify(problemOf(down))).not.toContain('secret');
  expect(problemOf(down)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});

test('what a data library has wrapped is answered like what it wraps, and nothing of the query goes along', () => {
  const gone = Object.assign(new Error('secret'), { name: 'TenancyError', code: 'TENANCY_ACQUIRE_TIMEOUT' });
  const drizzle = new Error('Failed query: select … params: secret', { cause: gone });
  const prisma = Object.assign(new Error('Invalid invocation: secret'), { code: 'TENANT_NOT_FOUND' });
  expect(problemOf(drizzle)).toMatchObject({ status: 503, body: { code: 'TENANCY_ACQUIRE_TIMEOUT' } });
  expect(problemOf(new Error('x', { cause: drizzle }))).toEqual(problemOf(gone));
  expect(problemOf(prisma)).toMatchObject({ status: 404, body: { code: 'TENANT_NOT_FOUND' } });
  expect(JSON.stringify([drizzle, prisma].map((error) => problemOf(error)))).not.toContain('secret');
  // What has a status of its own means it.
  expect(problemOf(Object.assign(new Error('x', { cause: gone }), { status: 409 }))).toBeUndefined();
  const circle = new Error('x');
  circle.cause = circle;
  expect(problemOf(circle)).toBeUndefined();
});

describe('timing, with a control plane that takes 15 ms', () => {
  let plane: PlacementServer;
  let remote: Directory;
  beforeEach(async () => {
    plane = new PlacementServer();
    await plane.listen();
    plane.add(a);
    plane.before = () => new Promise((resolve) => setTimeout(resolve, 15));
    remote = controlPlaneDirectory({
      url: plane.url,
      token: plane.token,
      credentialKey: randomBytes(32),
      unknownTtl: 60_000,
      unwatchedTtl: 60_000,
    });
  });
  afterEach(async () => {
    await remote.close();
    await plane.close();
  });

  /** Median milliseconds until the refusal of: unknown and never asked for, unknown and cached, forbidden and cached. */
  async function medians(refusalGrid?: number): Promise<readonly number[]> {
    const resolver = tenantResolver({
      directory: remote,
      sources: [path('/t')],
      membership: () => false,
      ...(refusalGrid === undefined ? {} : { refusalGrid }),
    });
    const times: number[][] = [[], [], []];
    for (let i = 0; i < 9; i++) {
      for (const [kind, ref] of [`new-${i}`, 'suspended', a.slug].entries()) {
        const start = performance.now();
        await expect(resolver.resolve(requestOf(`/t/${ref}`))).rejects.toMatchObject({
          code: 'TENANT_NOT_FOUND',
        });
        times[kind]!.push(performance.now() - start);
      }
    }
    return times.map((all) => all.toSorted((x, y) => x - y)[4]!);
  }

  test('does not tell a tenant that exists from one that does not', async () => {
    const all = await medians();
    expect(Math.max(...all) - Math.min(...all), all.join(', ')).toBeLessThan(10);
  });

  test('would tell without the grid', async () => {
    const [cold, cached, forbidden] = await medians(1);
    expect(cold! - Math.max(cached!, forbidden!)).toBeGreaterThan(10);
  });
});
