import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeApi, ownCommands, publishedSpecifier } from '../../src/scaffold/index.ts';
import { tenantry } from '../cli/support.ts';
import { combinations, manifestIn, root } from './support.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tenantry scaffold '));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const scaffold = ['scaffold', 'api', '--framework', 'hono', '--db', 'pg'];

test('it says what it has written and what to do next', async () => {
  const directory = join(base, 'my shop');
  const ran = await tenantry([...scaffold, '--name', 'shop-api', directory]);
  expect([ran.code, ran.stdout]).toEqual([
    0,
    expect.stringMatching(/^wrote \d+ files for Hono and node-postgres into /),
  ]);
  expect(ran.stderr).toContain(`cd '${directory}'\n  npm install\n  npm test\n`);
  expect((await manifestIn(directory)).name).toBe('shop-api');
  expect(await readFile(join(directory, '.gitignore'), 'utf8')).toContain('.app-secret');
});

test('programs get one document', async () => {
  const directory = join(base, 'json');
  const ran = await tenantry([...scaffold, '--json', directory]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const { files, ...rest } = ran.json<{ files: readonly string[] }>();
  expect(rest).toEqual({
    directory,
    name: 'my-api',
    framework: 'hono',
    db: 'pg',
    next: expect.arrayContaining(['npm install', 'npm test', 'npm start']),
  });
  const written = await readdir(directory, { recursive: true, withFileTypes: true });
  expect(files).toHaveLength(written.filter((entry) => entry.isFile()).length);
});

test('a directory with something in it is left as it is', async () => {
  const directory = join(base, 'taken');
  await mkdir(directory);
  await writeFile(join(directory, 'thesis.txt'), 'the only copy');
  const ran = await tenantry([...scaffold, '--json', directory]);
  expect([ran.code, ran.error()['code']]).toEqual([6, 'DIRECTORY_NOT_EMPTY']);
  expect(await readdir(directory)).toEqual(['thesis.txt']);
});

test('a file in the place of the directory is an error, and stays', async () => {
  const file = join(base, 'file');
  await writeFile(file, 'mine');
  const ran = await tenantry([...scaffold, '--json', file]);
  expect([ran.code, ran.error()['code']]).toEqual([1, 'FILE_NOT_WRITTEN']);
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test.each([
  ['no framework', ['scaffold', 'api', '--db', 'pg']],
  ['no library', ['scaffold', 'api', '--framework', 'hono']],
  ['a framework that is none', ['scaffold', 'api', '--framework', 'koa', '--db', 'pg']],
  ['a library that is none', ['scaffold', 'api', '--framework', 'hono', '--db', 'typeorm']],
  ['a name with a quote', [...scaffold, '--name', "a'b"]],
  ['a name that is a path', [...scaffold, '--name', '../up']],
])('%s is a usage error', async (_, argv) => {
  const ran = await tenantry([...argv, '--json']);
  expect([ran.code, ran.error()['code']]).toEqual([2, 'USAGE']);
});

test('from a checkout, Tenantry and what it has adapters for are links that lead there, the rest are exact versions', async () => {
  const real = join(base, 'real');
  await mkdir(real);
  await symlink(real, join(base, 'link'));
  const directory = join(base, 'link', 'deep', 'api');
  await tenantry(['scaffold', 'api', '--framework', 'fastify', '--db', 'kysely', directory]);
  const { dependencies, devDependencies } = await manifestIn(directory);
  const from = join(real, 'deep', 'api');
  for (const name of ['@tenantry/tenancy', 'fastify', 'jose', 'kysely']) {
    const target = resolve(from, dependencies[name]!.replace(/^file:/, ''));
    expect(target.startsWith(root)).toBe(true);
    expect(existsSync(join(target, 'package.json'))).toBe(true);
  }
  expect(devDependencies['vitest']).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each(combinations)(
  'an installed command gives %s with %s exact versions',
  async (framework, library) => {
    const project = { name: 'x', framework, library, commands: ownCommands, specifier: publishedSpecifier };
    const files = await composeApi(project);
    const { dependencies, devDependencies, scripts } = JSON.parse(files.get('package.json')!) as Record<
      string,
      object
    >;
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Object.keys(scripts!)).toEqual(expect.arrayContaining(['start', 'test', 'token', 'typecheck']));
    // Nothing of the templates is left to fill in.
    for (const [path, text] of files) expect([path, /__[a-z]+__/.exec(text)]).toEqual([path, null]);
  },
);
