import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { combinations, eachOfTwo, generate, manifestIn, modules, run, type Ended } from './support.ts';

/** What vitest's reporter `json` writes, of it what is read here. */
interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

// A space, because people have such directories.
let base: string;
let results: Results;
const checked = new Map<string, Ended>();

const directoryOf = (framework: string, library: string): string => join(base, `${framework}-${library}`);

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tenantry scaffold '));
  await eachOfTwo(combinations, async ([framework, library]) => {
    const directory = directoryOf(framework, library);
    await generate(framework, library, directory);
    const { scripts } = await manifestIn(directory);
    // As `npm test` does before the tests, and without npm's own second for each.
    if (scripts['generate'] !== undefined) {
      const generated = await run('sh', ['-c', scripts['generate']], directory);
      if (generated.code !== 0) throw new Error(generated.output);
    }
  });
  await eachOfTwo(combinations, async ([framework, library]) => {
    const directory = directoryOf(framework, library);
    checked.set(
      directory,
      await run(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', '.'], directory),
    );
  });
  await generateLeaky();
  results = await runAllTests(base);
}, 600_000);

afterAll(() => rm(base, { recursive: true, force: true }));

const leaky = 'leaky';

/** One that remembers a list by its address, as caches do that know of no tenants. */
async function generateLeaky(): Promise<void> {
  await generate('fastify', 'pg', join(base, leaky));
  const file = join(base, leaky, 'src/accounts/account-routes.ts');
  const routes = await readFile(file, 'utf8');
  const broken = routes
    .replace(/async \(\{ query \}\) =>\s+accountsOf\(services\)\.list\(parsePage\(query\)\)/, (list) =>
      list.replace('{ query }', '{ query, url }').replace('=>', '=> (cache[url] ??=').concat(')'),
    )
    .replace('interface One', 'const cache: Record<string, unknown> = {};\n\ninterface One');
  expect(broken).toContain('cache[url] ??=');
  await writeFile(file, broken);
  // In one worker they would fill the cache with what is of neither tenant.
  const tests = join(base, leaky, 'test');
  for (const name of await readdir(tests))
    if (name.endsWith('.test.ts') && name !== 'isolation.test.ts') await rm(join(tests, name));
}

/** The tests of all projects in one run: sixteen would start vitest sixteen times. */
async function runAllTests(directory: string): Promise<Results> {
  const output = join(directory, 'results.json');
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  const vitest = join(modules, 'vitest/vitest.mjs');
  // Without isolation the library is loaded once for each worker, and not for each of 34 files.
  const how = ['--no-isolate', '--maxWorkers=3', '--testTimeout=30000', '--hookTimeout=60000'];
  const { output: said } = await run(
    process.execPath,
    [vitest, 'run', '--reporter=json', `--outputFile=${output}`, ...how],
    directory,
  );
  const text = await readFile(output, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(said);
  return JSON.parse(text) as Results;
}

function resultsOf(project: string): Results['testResults'] {
  return results.testResults.filter(({ name }) => basename(dirname(dirname(name))) === project);
}

function failuresOf(files: Results['testResults']): readonly string[] {
  return files.flatMap(({ message, assertionResults }) => [
    ...(message === '' ? [] : [message]),
    ...assertionResults.flatMap(({ failureMessages }) => failureMessages),
  ]);
}

test('a project that leaks is caught by the tests that it was generated with', () => {
  const isolation = resultsOf(leaky).filter(({ name }) => name.endsWith('isolation.test.ts'));
  // Which tells whether it was run at all from whether it found nothing.
  expect(isolation.map(({ status }) => status)).toEqual(['failed']);
  expect(failuresOf(isolation).join('\n')).toMatch(/GET \/accounts.*canary/s);
});

describe.each(combinations)('%s with %s', (framework, library) => {
  test('passes the type checker as generated', () => {
    expect(checked.get(directoryOf(framework, library))).toEqual({ code: 0, output: '' });
  });

  test('passes its own tests as generated', () => {
    const files = resultsOf(`${framework}-${library}`);
    expect(failuresOf(files)).toEqual([]);
    expect(files.map(({ name }) => basename(name)).toSorted()).toEqual([
      'accounts.test.ts',
      'isolation.test.ts',
    ]);
    const passed = files
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'passed');
    expect(passed.length).toBeGreaterThan(25);
  });
});
