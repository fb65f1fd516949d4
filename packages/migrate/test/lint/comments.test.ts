import { describe, expect, it } from 'vitest';

import { broken, lintTexts } from './support.ts';

const SETUP = 'CREATE TABLE t (a int);';
const ALLOW = '-- tenantry-lint: allow truncate reason: test data';

/** Rules that count, and those that are switched off with their reasons. */
async function judged(text: string, allowSuppression = true) {
  const { ok, findings } = await lintTexts([SETUP, text], { appliedUpTo: '1', allowSuppression });
  return {
    ok,
    counted: findings.filter((one) => one.suppression === null).map(({ rule, line }) => `${rule}:${line}`),
    off: findings.flatMap(({ rule, suppression }) =>
      suppression === null ? [] : [[rule, suppression.reason]],
    ),
  };
}

describe('a comment with a reason switches a rule off', () => {
  it.each([
    ['above the statement', `${ALLOW}\nTRUNCATE t;`],
    ['above other comments', `${ALLOW}\n-- why not\n\nTRUNCATE t;`],
    ['behind the statement', `SELECT 1;\nTRUNCATE t; ${ALLOW}`],
    ['in the statement', `TRUNCATE\n${ALLOW}\nt;`],
    ['for the file', `${ALLOW.replace('allow', 'allow-file')}\nSELECT 1;\nTRUNCATE t;`],
    ['with other rules', `${ALLOW.replace('truncate', 'truncate, lock-table')}\nTRUNCATE t;`],
  ])('%s', async (what, text) => {
    const { counted, off } = await judged(text);
    expect(off).toEqual([['truncate', 'test data']]);
    expect(counted).toEqual(what === 'with other rules' ? ['allow-unused:1'] : []);
  });

  it('for its own statement only', async () => {
    expect(await judged(`${ALLOW}\nTRUNCATE t;\nTRUNCATE t;`)).toMatchObject({ counted: ['truncate:3'] });
  });

  it('in a DO block', async () => {
    const text = `DO $$ BEGIN\n  ${ALLOW}\n  TRUNCATE t;\nEND $$;`;
    expect(await judged(text)).toMatchObject({ counted: [], off: [['truncate', 'test data']] });
  });

  it('of the file as a whole', async () => {
    const text = '-- tenantry-lint: allow mixed-transactional reason: run by hand\nVACUUM t;\nSELECT 1;';
    expect(await judged(text)).toMatchObject({ ok: true, counted: [] });
  });
});

describe('a comment that does not is a finding', () => {
  it.each([
    ['-- tenantry-lint: allow truncate\nTRUNCATE t;', ['allow-without-reason:1', 'truncate:2']],
    ['-- tenantry-lint: allow truncate reason:   \nTRUNCATE t;', ['allow-without-reason:1', 'truncate:2']],
    ['-- tenantry-lint: allow trunkate reason: x\nTRUNCATE t;', ['allow-unknown-rule:1', 'truncate:2']],
    ['-- tenantry-lint: allow allow-unused reason: x\nSELECT 1;', ['allow-unknown-rule:1']],
    ['-- tenantry-lint: deny truncate\nSELECT 1;', ['allow-malformed:1']],
    ['-- tenantry-lint:\nSELECT 1;', ['allow-malformed:1']],
    [`${ALLOW}\nSELECT 1;\nTRUNCATE t;`, ['allow-unused:1', 'truncate:3']],
    [`SELECT 1;\n${ALLOW}\n`, ['allow-unused:2']],
  ])('%s', async (text, counted) => {
    expect(await judged(text)).toMatchObject({ counted, off: [] });
  });

  it('data of COPY is no comment', async () => {
    const text = 'CREATE TABLE n (a text);\nCOPY n FROM STDIN;\n-- tenantry-lint: x\n\\.\n';
    expect(await broken(SETUP, text)).toEqual([]);
  });
});

describe('allowSuppression: false', () => {
  const text = '-- tenantry-lint: allow session-role reason: we know\nSET ROLE admin;';

  it('leaves isolation and security on, and says so', async () => {
    expect(await judged(text)).toMatchObject({ ok: true, off: [['session-role', 'we know']] });
    expect(await judged(text, false)).toEqual({
      ok: false,
      counted: ['allow-unused:1', 'session-role:2'],
      off: [],
    });
  });

  it('switches the others off all the same', async () => {
    expect(await judged(`${ALLOW}\nTRUNCATE t;`, false)).toMatchObject({ counted: [] });
  });
});
