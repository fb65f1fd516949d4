import { expect, test } from 'vitest';
import {
  attackHttp,
  httpAttacks,
  sharedAttacks,
  type AttackResult,
  type HttpSpec,
} from '../../src/attacks/index.ts';
import { findingOfAttack } from '../../src/result.ts';
import { startLeakyApp, type Defect } from './leaky-app.ts';

async function attacked(...defects: readonly Defect[]): Promise<readonly AttackResult[]> {
  const app = await startLeakyApp(...defects);
  try {
    return await attackHttp({ spec: app.spec });
  } finally {
    await app.close();
  }
}

const wrong = (results: readonly AttackResult[]): readonly string[] =>
  results.flatMap(({ verdict, attack, message }) =>
    verdict === 'hit' || verdict === 'unexpected' ? [`${verdict} ${attack}: ${message}`] : [],
  );

test('an application that keeps its tenants apart passes, and every attack was tried on it', async () => {
  const results = await attacked();
  expect(wrong(results)).toEqual([]);
  const names = results.map(({ attack }) => attack);
  for (const { id } of [...httpAttacks, ...sharedAttacks]) expect(names).toContain(id);
  const skipped = results.filter(({ verdict }) => verdict === 'skipped').map(({ attack }) => attack);
  // Its token alone tells who calls, and there is none that has expired.
  expect(skipped).toEqual(['http.refused-credential', 'http.conflicting-header']);
});

test.each<readonly [Defect, string]>([
  ['trusts a header', 'http.tenant-header'],
  ['trusts the host', 'http.forwarded-host'],
  ['trusts the query', 'http.query'],
  ['trusts the body', 'http.intact'],
  ['any id', 'http.foreign-id'],
  ['any id for writers', 'http.intact'],
  ['caches by address', 'http.cache'],
  ['public', 'http.cacheable'],
  ['one validator', 'http.etag'],
  ['the tenant in a variable', 'http.race'],
  ['a route without login', 'http.no-credential'],
  ['unsigned tokens', 'http.jwt-none'],
  ['a weak key', 'http.jwt-weak-key'],
  ['method override', 'http.method-override'],
  ['SQL from the address', 'http.sql-id'],
])('an application with the defect "%s" is caught by %s', async (defect, attack) => {
  const results = await attacked(defect);
  const found = results.find((each) => each.attack === attack);
  expect(found?.verdict, wrong(results).join('\n')).toBe(defect === 'public' ? 'unexpected' : 'hit');
  expect(findingOfAttack(found!)).toMatchObject([
    { check: `attack.${attack}`, subject: `${attack} over http` },
  ]);
});

test('a route that shows its own caller nothing proves nothing, and says so', async () => {
  const app = await startLeakyApp();
  const [acme, globex] = app.spec.tenants;
  const spec: HttpSpec = {
    ...app.spec,
    tenants: [acme, { ...globex, marks: ['nowhere-to-be-seen'] }],
    routes: ['GET /notes'],
  };
  const results = await attackHttp({ spec });
  await app.close();
  expect(wrong(results)).toEqual([expect.stringContaining('did not show globex a mark of its own')]);
});

test('an application that is away is no application that held', async () => {
  const app = await startLeakyApp();
  await app.close();
  await expect(attackHttp({ spec: app.spec })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('no credential stands in a report', async () => {
  const app = await startLeakyApp('any id');
  const results = await attackHttp({ spec: app.spec });
  await app.close();
  const text = JSON.stringify(results);
  for (const { headers } of app.spec.tenants) expect(text).not.toContain(headers['authorization']);
  expect(text).toContain('‹its credential›');
});

test('it ends when it is told to', async () => {
  const app = await startLeakyApp();
  const stop = new AbortController();
  stop.abort();
  const results = await attackHttp({ spec: app.spec, signal: stop.signal });
  await app.close();
  expect(results.every(({ verdict }) => verdict === 'skipped')).toBe(true);
});
