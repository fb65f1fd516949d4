import { describe, expect, test } from 'vitest';
import { attacks, residualRisks } from '../../src/attacks/index.ts';

describe('the catalogue', () => {
  test('has far more attacks than the list that it began with, of every level', () => {
    expect(attacks.length).toBeGreaterThan(650);
    expect(new Set(attacks.map(({ level }) => level))).toEqual(new Set(['L1', 'L2', 'L3', 'poison']));
  });

  test('names each attack once, by its family', () => {
    const ids = attacks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, family } of attacks) expect(id).toMatch(new RegExp(`^${family}\\.[a-z0-9-]+$`));
  });

  test('says for each what PostgreSQL must answer', () => {
    for (const { id, expected, steps } of attacks) {
      expect(expected.length, id).toBeGreaterThan(0);
      expect(steps.length, id).toBeGreaterThan(0);
      for (const state of expected) expect(state, id).toMatch(/^[0-9A-Z]{5}$/);
    }
  });

  test('what may run and is no residual risk has to be proven harmful somewhere, or names what must not come back', () => {
    const unproven = attacks.filter(
      ({ expected, residual, hits, level, leaks, cleanup }) =>
        expected.includes('00000') &&
        residual === undefined &&
        hits.length === 0 &&
        level !== 'poison' &&
        !leaks &&
        !cleanup,
    );
    // Views and functions that show the asker less than there is: what they must not show is the neighbour's canary, or any row at all.
    expect(unproven.map(({ id }) => id)).toEqual([
      'read.statements',
      'read.information-schema',
      'read.sequences-view',
      'read.stats-ext-exprs',
      'read.user-mappings-view',
      'read.roles-view',
      'read.group-view',
      'read.wal-receiver',
      'read.replication',
      'read.settings-files',
      'lease.cancel-broker',
      'lease.terminate-broker',
      'lease.terminate-slots',
    ]);
  });

  test('every residual attack is stated, and every statement is tried', () => {
    const tried = new Set(attacks.flatMap(({ residual }) => (residual === undefined ? [] : [residual])));
    expect(tried).toEqual(new Set(residualRisks.map(({ id }) => id)));
  });

  test('every poison says what the next tenant looks at', () => {
    for (const { id, level, look } of attacks) expect(look !== undefined, id).toBe(level === 'poison');
  });
});
