import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workspace } from './workspace.ts';

/** Stands in for Vite: makes a page and an asset of the sources, and notes that it ran. */
const vite = `
  import { appendFileSync, mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
  if (existsSync('broken')) { console.error('main.tsx: something is wrong'); process.exit(1); }
  const out = process.argv[process.argv.indexOf('--outDir') + 1];
  mkdirSync(out + '/assets', { recursive: true });
  appendFileSync('builds', 'x');
  writeFileSync(out + '/index.html', 'a page');
  writeFileSync(out + '/assets/index-1.js', readFileSync('src/main.tsx', 'utf8').repeat(200));`;

describe('npm start and the console', () => {
  let workspace: Workspace;
  const path = (name: string) => join(workspace.root, 'packages', 'console', name);
  const builds = () => (existsSync(path('builds')) ? readFileSync(path('builds'), 'utf8').length : 0);

  beforeEach(() => {
    workspace = new Workspace();
    workspace.write('packages/server/bin/tenantry.mjs', `console.log('served');`);
    workspace.write('packages/console/index.html', '<!doctype html>');
    workspace.write('packages/console/src/main.tsx', 'first source');
    workspace.write('packages/contract/src/index.ts', 'export {};');
    workspace.write('node_modules/vite/bin/vite.js', vite);
    workspace.write('node_modules/vite/package.json', '{"type":"module"}');
  });
  afterEach(() => workspace.remove());

  test('builds it once, compressed', async () => {
    expect((await workspace.run('start.mjs')).code).toBe(0);
    const second = await workspace.run('start.mjs');
    expect(second.lines).toEqual(['served']);
    expect(builds()).toBe(1);
    const asset = readFileSync(path('dist/assets/index-1.js'), 'utf8');
    expect(brotliDecompressSync(readFileSync(path('dist/assets/index-1.js.br'))).toString()).toBe(asset);
    expect(gunzipSync(readFileSync(path('dist/assets/index-1.js.gz'))).toString()).toBe(asset);
    expect(existsSync(path('dist.new'))).toBe(false);
  });

  test.each([
    'packages/console/src/main.tsx',
    'packages/console/index.html',
    'packages/contract/src/index.ts',
  ])('builds it again when %s has changed', async (source) => {
    await workspace.run('start.mjs');
    workspace.write(source, 'second source');
    await workspace.run('start.mjs');
    expect(builds()).toBe(2);
  });

  test('started four times at once, builds it once', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => workspace.run('start.mjs')));
    expect(all.map(({ lines }) => lines.at(-1))).toEqual(Array(4).fill('served'));
    expect(builds()).toBe(1);
  });

  test('a build that fails is shown, leaves the one before, and keeps nothing from starting', async () => {
    await workspace.run('start.mjs');
    workspace.write('packages/console/broken', '');
    workspace.write('packages/console/src/main.tsx', 'second source');
    const { code, lines } = await workspace.run('start.mjs');
    expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: 'served' });
    expect(lines).toContain('main.tsx: something is wrong');
    expect(readFileSync(path('dist/assets/index-1.js'), 'utf8')).toContain('first source');
  });
});
