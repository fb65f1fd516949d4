import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const commands = read('../install.sh').matchAll(/^npm install (?:--save-dev )?(.*)$/gm);
const tenancy = JSON.parse(read('../../../packages/tenancy/package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

test('what install.sh installs is what the guides are tried with', () => {
  const names = [...commands].flatMap(([, packages = '']) => packages.split(' '));
  expect(names.length).toBeGreaterThan(20);
  const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
  expect(names.filter((name) => !existsSync(join(modules, name, 'package.json')))).toEqual([]);
});

test('every package that an adapter imports is installed by a guide', () => {
  const adapters = fileURLToPath(new URL('../../../packages/tenancy/src/adapters', import.meta.url));
  const jobs = new Set(['bullmq', 'pg-boss']);
  for (const file of globSync(`${adapters}/*.ts`)) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/ from '((?:@[^/']+\/)?[^./'][^/']*)/g)) {
      if (name!.startsWith('node:') || jobs.has(name!)) continue;
      expect({ ...tenancy.dependencies, ...tenancy.peerDependencies }).toHaveProperty([name!]);
      expect(read('../install.sh').split(/\s+/)).toContain(name);
    }
  }
});
