import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkDirection } from '../lib/check.ts';

const script = fileURLToPath(new URL('../check-direction.ts', import.meta.url));

const sound: Readonly<Record<string, string>> = {
  'packages/contract/package.json': '{ "exports": { ".": "./src/index.ts" } }',
  'packages/tenancy/package.json':
    '{ "exports": { ".": "./src/index.ts", "./embedded": "./src/embedded/index.ts" } }',
  'packages/migrate/package.json': '{ "exports": { ".": "./src/index.ts" } }',
  'packages/server/package.json':
    '{ "dependencies": { "@tenantry/contract": "0.1.0", "@tenantry/tenancy": "0.1.0" }, "exports": { ".": "./src/main.ts" } }',
  'packages/contract/src/index.ts': `import { Type } from 'typebox';\nexport const a = Type;`,
  'packages/tenancy/src/index.ts': `import pg from 'pg';\nimport './lane.ts';\nexport { pg };`,
  'packages/migrate/test/migrate.test.ts': `import { cell } from '@tenantry/tenancy/embedded';\nimport '../src/index.ts';`,
  'packages/server/src/config.ts': `import { env } from 'node:process';\nexport { env };`,
  'packages/server/src/errors.ts': `export class Problem extends Error {}`,
  'packages/server/src/tenants/create.ts': `import { record } from '../audit/record.ts';\nimport { Problem } from '../errors.ts';\nimport { list } from './list.ts';`,
  'packages/server/src/main.ts': `import { app } from './http/app.ts';\nimport { a } from '@tenantry/contract';\nimport '@tenantry/tenancy/embedded';`,
};

describe('the direction check', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'direction check '));
    for (const [file, text] of Object.entries(sound)) plant(file, text);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const plant = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };

  test('accepts a tree that keeps to it', () => {
    const { violations, imports } = checkDirection(root);
    expect(violations).toEqual([]);
    expect(imports).toBe(12);
  });

  test.each([
    ['contract', 'src/x.ts', '@tenantry/server', 'contract may import no other package'],
    ['migrate', 'src/x.ts', '@tenantry/tenancy', 'migrate may import no other package'],
    ['migrate', 'src/x.ts', '@tenantry/tenancy/embedded', 'migrate may import no other package'],
    ['tenancy', 'src/x.ts', '@tenantry/server', 'tenancy may import no other package'],
    ['isolation', 'src/x.ts', '@tenantry/migrate', 'isolation may import only tenancy'],
    ['console', 'src/x.tsx', '@tenantry/server', 'console may import only contract'],
    ['stranger', 'src/x.ts', './y.ts', 'stranger has no place in the table of packages'],
    [
      'server',
      'src/http/x.ts',
      '@tenantry/tenancy/src/lane.ts',
      '@tenantry/tenancy does not export this path',
    ],
    [
      'server',
      'src/http/x.ts',
      '@tenantry/migrate',
      'packages/server/package.json does not declare @tenantry/migrate',
    ],
    ['server', 'src/http/x.ts', '@tenantry/server', 'a package imports its own files by relative path'],
    [
      'server',
      'src/http/x.ts',
      '../../../tenancy/src/index.ts',
      'a relative import stays in its own package; import the other package by its name',
    ],
    [
      'server',
      'test/x.test.ts',
      '../../tenancy/src/index.ts',
      'a relative import stays in its own package; import the other package by its name',
    ],
    ['server', 'src/http/x.ts', '../../test/help.ts', 'src does not import from test'],
    [
      'server',
      'src/db/x.ts',
      '../tenants/create.ts',
      'in server/src db/ stands left of tenants/ and must not import it',
    ],
    [
      'server',
      'src/errors.ts',
      './db/pool.ts',
      'in server/src errors.ts stands left of db/ and must not import it',
    ],
    [
      'server',
      'src/cli/x.ts',
      '../main.ts',
      'in server/src cli/ stands left of main.ts and must not import it',
    ],
    ['server', 'src/utils/x.ts', '../errors.ts', 'utils/ has no place in the order of server/src'],
    ['server', 'src/http/x.ts', '../helpers.ts', 'helpers.ts has no place in the order of server/src'],
    ['contract', 'src/x.ts', 'node:fs', 'contract runs in browsers: no Node module'],
    ['contract', 'src/x.ts', 'path', 'contract runs in browsers: no Node module'],
    ['contract', 'src/x.ts', 'pg', 'contract runs in browsers: no database driver'],
  ])('in %s/%s refuses %s', (owner, path, specifier, rule) => {
    plant(`packages/${owner}/${path}`, `// one\nimport type { x } from '${specifier}';\n`);
    const file = `packages/${owner}/${path}`;
    expect(checkDirection(root).violations).toEqual([{ file, line: 2, specifier, rule }]);
  });

  test('prints file, line and rule, and ends with exit code 1', () => {
    plant('packages/migrate/src/x.ts', `\n\nexport * from '@tenantry/server';`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    expect(stderr).toContain(
      `packages/migrate/src/x.ts:3 '@tenantry/server': migrate may import no other package`,
    );
    expect(stdout).toContain('1 against the direction');
    expect(status).toBe(1);
  });

  test('ends with exit code 0 on a sound tree', () => {
    expect(execFileSync(process.execPath, [script, root], { encoding: 'utf8' })).toContain(
      '0 against the direction',
    );
  });
});
