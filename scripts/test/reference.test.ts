import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problems, rolePermissions } from '@tenantry/contract';
import { describe, expect, test } from 'vitest';
import { anchor } from '../reference/markdown.ts';
import { renderPages } from '../reference/pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const guides = globSync('docs/**/*.md', { cwd: root }).toSorted();

describe('docs/reference', () => {
  test('says what the code says; else run "node scripts/reference.ts"', async () => {
    const pages = await renderPages();
    const inReference = (path: string) => dirname(path) === join('docs', 'reference');
    expect(pages.map(({ path }) => path).filter(inReference)).toEqual(guides.filter(inReference));
    for (const { path, text } of pages) expect(`${path}\n${read(path)}`).toBe(`${path}\n${text}`);
  });

  test('has every command, not only the groups', async () => {
    const cli = (await renderPages()).find(({ path }) => path.endsWith('cli.md'))?.text ?? '';
    for (const command of [
      'up',
      'tenant create',
      'operation watch',
      'audit verify',
      'cell check',
      'key revoke',
    ])
      expect(cli).toContain(`\n## tenantry ${command}\n`);
  });
});

describe('docs', () => {
  test('have a next step for every problem code', () => {
    const text = read('docs/operations.md');
    expect(Object.keys(problems).filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });

  test('explain every lint rule', () => {
    const source = read('packages/migrate/src/lint/observation.ts');
    const type = /type LintRule =([^;]*);/.exec(source)?.[1] ?? '';
    const rules = [...type.matchAll(/'([a-z-]+)'/g)].map(([, rule]) => rule!);
    expect(rules.length).toBeGreaterThan(10);
    const text = read('docs/migrations.md');
    expect(rules.filter((rule) => !text.includes(`| \`${rule}\``))).toEqual([]);
  });

  test('show the permissions of the roles as they are', () => {
    const text = read('docs/api.md');
    const [head = '', , ...rows] = /\| permission \|[^]*?\n\n/.exec(text)?.[0].trimEnd().split('\n') ?? [];
    const cells = (row: string) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
    const [, ...roles] = cells(head);
    const shown = Object.fromEntries(
      roles.map((role, at) => [
        role,
        rows.filter((row) => cells(row)[at + 1] !== '').map((row) => cells(row)[0]!.replaceAll('`', '')),
      ]),
    );
    expect(shown).toEqual(rolePermissions);
  });

  test('show every legal move of a tenant and no other', () => {
    const table =
      /const moves[^{]*\{([^}]*)\}/.exec(read('packages/server/src/tenants/states.ts'))?.[1] ?? '';
    const legal = [...table.matchAll(/(\w+): \[([^\]]*)\]/g)].flatMap(([, from, to]) =>
      [...to!.matchAll(/\w+/g)].map(([state]) => `${from!} --> ${state}`),
    );
    const drawn = [...read('docs/concepts.md').matchAll(/^ +(\w+ --> \w+)/gm)].map(([, move]) => move!);
    expect(legal.length).toBeGreaterThan(10);
    expect(drawn.toSorted()).toEqual(legal.toSorted());
  });

  test.each(guides)('%s: links lead somewhere', (path) => {
    const broken = linksOf(read(path)).filter((link) => !leadsSomewhere(path, link));
    expect(broken).toEqual([]);
  });
});

/** Targets inside the repository, without those that stand in code. */
function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^( *)```[^]*?^\1```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/(?<!\\)\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => !/^https?:/.test(target));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', fragment] = link.split('#');
  const target = path === '' ? from : relative(root, join(root, dirname(from), path));
  try {
    const text = read(target);
    return fragment === undefined || headingsOf(text).includes(fragment);
  } catch {
    return false;
  }
}

function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading!.replaceAll('`', '')));
}
