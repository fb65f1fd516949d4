import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { evaluate } from '../../src/resolve/expression.ts';
import type { MigrateSettings } from '../../src/settings.ts';
import { refusal } from '../support/files.ts';
import { resolveFiles } from '../support/resolved.ts';

async function configOf(conf: string, settings: Partial<MigrateSettings> = {}) {
  const files = { 'sql/V1__a.sql': '', 'sql/V1__a.sql.conf': conf };
  const { migrations } = await resolveFiles(files, settings);
  return migrations[0]?.config;
}

describe('a script configuration', () => {
  it('overrules the settings', async () => {
    const settings = { executeInTransaction: false, placeholderReplacement: false };
    expect(await configOf('', settings)).toEqual({
      executeInTransaction: false,
      encoding: 'UTF-8',
      placeholderReplacement: false,
      shouldExecute: true,
    });
    const conf =
      '# why\r\n! and why\r\nexecuteInTransaction = TRUE\r\nplaceholderReplacement: true\r\nencoding UTF-16\r\n';
    expect(await configOf(conf, settings)).toEqual({
      executeInTransaction: true,
      encoding: 'UTF-16',
      placeholderReplacement: true,
      shouldExecute: true,
    });
  });

  it('has placeholders, but not in its comments', async () => {
    const placeholders = { On: 'true', env: 'prod' };
    expect(await configOf('# ${nope}\nexecuteInTransaction=${on}', { placeholders })).toMatchObject({
      executeInTransaction: true,
    });
    expect(
      await configOf('shouldExecute=${env}==dev || \\\n  ${flyway:user}==ada', { placeholders }),
    ).toMatchObject({
      shouldExecute: true,
    });
    expect(await refusal(configOf('\nshouldExecute=${nope}'))).toMatchObject({
      code: 'MIGRATION_PLACEHOLDER_MISSING',
      file: 'V1__a.sql.conf',
      line: 2,
      message: 'No value provided for placeholder: ${nope}.  Check your configuration!',
    });
  });

  it.each([
    ['nonsense=1', 'Unknown configuration property: nonsense. Please check your script config files'],
    ['a=1\nb=2', 'Unknown configuration properties: a,b. Please check your script config files'],
    [
      'executeInTransaction=no',
      'Invalid value for executeInTransaction (should be either true or false): no',
    ],
  ])('%j is refused as Flyway does', async (conf, message) => {
    expect(await refusal(configOf(conf))).toMatchObject({
      code: 'MIGRATION_SCRIPT_CONFIG',
      flywayCode: 'CONFIGURATION',
      line: 1,
      message,
    });
  });
});

type Tree =
  | { readonly kind: 'value'; readonly value: boolean }
  | { readonly kind: '==' | '!='; readonly left: string; readonly right: string }
  | { readonly kind: '&&' | '||'; readonly left: Tree; readonly right: Tree };

const operand = fc.constantFrom('a', 'b c', '');

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.record({ kind: fc.constant('value' as const), value: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('==' as const, '!=' as const), left: operand, right: operand }),
    fc.record({
      kind: fc.constantFrom('&&' as const, '||' as const),
      left: tie('tree'),
      right: tie('tree'),
    }),
  ),
}));

function write(part: Tree): string {
  switch (part.kind) {
    case 'value':
      return String(part.value);
    case '==':
    case '!=':
      return `${part.left} ${part.kind} ${part.right}`;
    case '&&':
    case '||':
      return `(${write(part.left)}) ${part.kind} (${write(part.right)})`;
    default:
      return part satisfies never;
  }
}

function truth(part: Tree): boolean {
  switch (part.kind) {
    case 'value':
      return part.value;
    case '==':
      return part.left === part.right;
    case '!=':
      return part.left !== part.right;
    case '&&':
      return truth(part.left) && truth(part.right);
    case '||':
      return truth(part.left) || truth(part.right);
    default:
      return part satisfies never;
  }
}

describe('an expression', () => {
  it('means what it is made of', () => {
    fc.assert(
      fc.property(tree, (part) => {
        expect(evaluate(write(part))).toBe(truth(part));
      }),
    );
  });

  it.each([
    ['true || false && false', true],
    ['false && true || true', true],
    ['a==a&&b!=c', true],
    ['==', true],
    ['(a==b)||(true)', true],
    ['!=x', true],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });

  it.each(['', 'maybe', 'true &&', '|| true', '(true', 'true)', 'a==b==c', 'true false', '()'])(
    '"%s" is none',
    (text) => {
      expect(evaluate(text)).toBeNull();
    },
  );

  it('any text at all gets an answer', () => {
    const piece = fc.constantFrom('(', ')', '&&', '||', '==', '!=', 'true', 'false', 'x', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect([true, false, null]).toContain(evaluate(pieces.join('')));
      }),
    );
  });
});
