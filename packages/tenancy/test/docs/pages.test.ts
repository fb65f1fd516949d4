import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { controlPlaneSettings } from '../../src/directory/options.ts';
import { TenancyError, type TenancyErrorCode } from '../../src/errors.ts';
import { poolSettings } from '../../src/pool/options.ts';
import { problemOf } from '../../src/resolve/index.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const source = (path: string): string => read(`packages/tenancy/src/${path}`);
const page = (name: string): string => read(`docs/tenancy/${name}.md`);

/** The cells of every row of a page's tables; the first without its back quotes. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .map((cells) => cells.with(0, cells[0]!.replaceAll('`', '')));
}

/** The texts of a closed union, or of an interface's readonly members, in a source. */
function namesIn(path: string, from: string, pattern: RegExp): readonly string[] {
  const [, declaration = ''] = source(path).split(from);
  return Array.from(declaration.split(/;\n\n|\n}\n/)[0]!.matchAll(pattern), ([, name]) => name!);
}

describe('errors.md', () => {
  const codes = namesIn('errors.ts', 'type TenancyErrorCode =', /\| '([A-Z_]+)'/g);
  const rows = rowsOf(page('errors')).filter(([code]) => /^TENA[A-Z_]+$/.test(code!));

  test('has every code, and no other', () => {
    expect(codes.length).toBeGreaterThan(10);
    expect(rows.map(([code]) => code!).toSorted()).toEqual(codes.toSorted());
  });

  test('says for each what it is answered with, what it means and what to do', () => {
    for (const [code, status, meaning, next] of rows) {
      const problem = problemOf(new TenancyError(code as TenancyErrorCode, 'x'));
      expect([code, Number(status)]).toEqual([code, problem?.status ?? 500]);
      expect([meaning!.length > 20, next!.length > 10], code).toEqual([true, true]);
    }
  });

  test('and resolving.md gives the same statuses', () => {
    const said = rowsOf(page('resolving').split('## What callers are told')[1]!).flatMap(([names, answer]) =>
      names!.split(', ').map((code) => [code, Number(/^\d+/.exec(answer!)?.[0])] as const),
    );
    const known = codes.flatMap((code) => {
      const problem = problemOf(new TenancyError(code as TenancyErrorCode, 'x'));
      return problem === undefined ? [] : [[code, problem.status] as const];
    });
    expect(Object.fromEntries(said.filter(([code]) => codes.includes(code)))).toEqual(
      Object.fromEntries(known),
    );
  });
});

describe('pool.md', () => {
  test('has every option with its default', () => {
    const { metrics: _metrics, maximumPerTenant, ...settings } = poolSettings();
    const options = rowsOf(page('pool').split('## Options')[1]!.split('\n## ')[0]!).filter(
      ([name]) => name !== 'option' && !name!.startsWith('-'),
    );
    const said = Object.fromEntries(options.map(([name, value]) => [name, value]));
    expect(said).toEqual({
      ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
      maximumPerTenant: '`maximumPoolSize` − 1, at least 1',
      metrics: '',
    });
    expect([maximumPerTenant, poolSettings({ maximumPoolSize: 1 }).maximumPerTenant]).toEqual([9, 1]);
  });

  test('has every event, every reason, and all that a status holds', () => {
    const text = page('pool').split('## Metrics')[1]!.split('\n## ')[0]!;
    const told = new Set(Array.from(text.matchAll(/`([^`]+)`/g), ([, name]) => name));
    const events = namesIn('pool/metrics.ts', 'type PoolEvent =', /type: '([a-z-]+)'/g);
    const reasons = namesIn('pool/metrics.ts', 'type CloseReason =', /\| '([a-z ]+)'/g);
    const status = namesIn('pool/metrics.ts', 'interface PoolStatus', /readonly (\w+):/g);
    expect([events.length, reasons.length, status.length].every((count) => count > 5)).toBe(true);
    expect([...events, ...reasons, ...status].filter((name) => !told.has(name))).toEqual([]);
  });

  test('has every SQLSTATE that ends a connection', () => {
    const states = Array.from(
      source('pool/judgement.ts').matchAll(/'(\d[0-9A-Z]{4})'/g),
      ([, state]) => state!,
    );
    expect(states.length).toBeGreaterThan(5);
    const text = page('pool').split('## Eviction')[1]!.split('\n## ')[0]!;
    expect(states.filter((state) => !text.includes(`\`${state}\``))).toEqual([]);
  });
});

test('operations.md has every option of the directory with its default', () => {
  const {
    url: _url,
    token: _token,
    credentialKey: _key,
    onError: _onError,
    ...settings
  } = controlPlaneSettings({
    url: 'http://x',
    token: 't',
    credentialKey: new Uint8Array(32),
  });
  const table = page('operations').split('| option of `controlPlaneDirectory` |')[1]!.split('\n\n')[0]!;
  const said = Object.fromEntries(
    rowsOf(table).flatMap(([name, value]) => (/^\w+$/.test(name!) ? [[name, value]] : [])),
  );
  expect(said).toEqual({
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    onError: '',
  });
});

test('testing.md has every code of the kit', () => {
  const codes = [
    ...namesIn('testing/errors.ts', 'type TestingErrorCode =', /'(TESTING_[A-Z]+)'/g),
    ...Array.from(
      source('testing/isolation/error.ts').matchAll(/'(ISOLATION_[A-Z]+)'/g),
      ([, code]) => code!,
    ),
  ];
  const rows = rowsOf(page('testing')).map(([name]) => name!);
  expect(rows.filter((name) => /^(?:TESTING|ISOLATION)_/.test(name)).toSorted()).toEqual(
    [...new Set(codes)].toSorted(),
  );
});

describe('the README of the package', () => {
  const rows = rowsOf(read('packages/tenancy/README.md')).filter(([name]) => name!.startsWith('@tenantry/'));

  test('has every entry point', () => {
    const { exports } = JSON.parse(read('packages/tenancy/package.json')) as { readonly exports: object };
    const points = Object.keys(exports).map((path) => path.replace('.', '@tenantry/tenancy'));
    expect(rows.map(([name]) => name!).toSorted()).toEqual(points.toSorted());
  });

  test('names what each of them really exports', async () => {
    for (const [name, gives] of rows) {
      const point = (await import(name!)) as Readonly<Record<string, unknown>>;
      const named = Array.from(gives!.matchAll(/`@?([a-z]\w+|[A-Z]\w+)(?:\(\))?`/g), ([, text]) => text!);
      const types = ['Tenancy', 'TenantId'];
      const values = named.filter((text) => !types.includes(text) && !text.startsWith('TENANTRY'));
      expect(
        values.filter((text) => !(text in point)),
        name,
      ).toEqual([]);
    }
  });
});

describe('links', () => {
  const pages = [...globSync('docs/tenancy/*.md', { cwd: root }), 'packages/tenancy/README.md', 'llms.txt'];

  test.each(pages)('of %s lead somewhere', (path) => {
    const text = read(path).replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
    const dead = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link!).filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? join(root, path) : join(root, dirname(path), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(dead).toEqual([]);
  });
});

/** What GitHub makes of headings. */
function anchorsOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
