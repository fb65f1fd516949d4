import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  assistantRules,
  exampleApis,
  exampleFiles,
  templateVersions,
} from '../../../../scripts/lib/examples.ts';
import { root } from './support.ts';

const remedy = 'Run "node scripts/examples.ts" and commit the result.';

test('the versions of the templates are those of the workspace', async () => {
  const versions = await readFile(join(root, 'packages/server/templates/api/versions.json'), 'utf8');
  expect(versions, remedy).toBe(await templateVersions(root));
});

test('the rules for assistants are those of the documentation', async () => {
  const rules = await readFile(join(root, 'packages/server/templates/api/common/AGENTS.md'), 'utf8');
  expect(rules, remedy).toBe(await readFile(join(root, assistantRules), 'utf8'));
});

test.each(exampleApis)(
  'the example of %s with %s is what the command writes, file by file',
  async (framework, library) => {
    const files = await exampleFiles(framework, library);
    for (const [path, text] of files)
      expect(await readFile(join(root, path), 'utf8').catch(() => undefined), `${path}: ${remedy}`).toBe(
        text,
      );
    // What its .gitignore names comes from running it.
    const ignored = /(?:^|\/)(?:node_modules|dist|src\/generated)\/|\/\.app-secret$/;
    const there = globSync(`examples/${framework}-${library}/**/{*,.*}`, { cwd: root, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
      .filter((path) => !ignored.test(path));
    expect(there.toSorted()).toEqual([...files.keys()]);
  },
);
