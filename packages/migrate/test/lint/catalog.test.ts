import { describe, expect, it } from 'vitest';

import { RULES } from '../../src/lint/catalog.ts';
import type { Rule } from '../../src/lint/catalog.ts';
import { codes, lintTexts } from './support.ts';

/** The rules that an example breaks, itself a pending migration behind the applied ones of `setup`. */
async function broken(rule: Rule, texts: readonly string[]): Promise<string[]> {
  const { findings } = await lintTexts([rule.setup ?? 'SELECT 1;', ...texts], {
    appliedUpTo: '1',
    style: true,
  });
  return codes(findings);
}

describe('every rule of the catalogue', () => {
  it.each(RULES.map((rule) => [rule.code, rule] as const))('%s finds its bad example', async (code, rule) => {
    expect(await broken(rule, [rule.bad])).toContain(code);
  });

  it.each(RULES.map((rule) => [rule.code, rule] as const))(
    '%s lets its good examples pass',
    async (code, rule) => {
      for (const text of rule.good) expect(text.endsWith('\n') || text.endsWith(';')).toBe(true);
      expect(await broken(rule, rule.good)).not.toContain(code);
    },
  );

  it('has good examples that break nothing else that is worse than information', async () => {
    for (const rule of RULES) {
      const { findings } = await lintTexts([rule.setup ?? 'SELECT 1;', ...rule.good], { appliedUpTo: '1' });
      const counted = findings.filter(
        ({ severity, suppression }) => severity !== 'info' && suppression === null,
      );
      expect([rule.code, codes(counted)]).toEqual([rule.code, []]);
    }
  });

  it('has codes that are one each, and texts that are sentences', () => {
    expect(new Set(RULES.map(({ code }) => code)).size).toBe(RULES.length);
    for (const { code, why, instead, title } of RULES) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      for (const sentence of [why, instead]) expect([code, sentence.at(-1)]).toEqual([code, '.']);
      expect([code, title.at(-1)]).not.toEqual([code, '.']);
    }
  });
});
