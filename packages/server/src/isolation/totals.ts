import type { AttackTotals } from '@tenantry/contract';
import type { AttackResult, ControlResult } from '@tenantry/isolation';

/** Attacks of a run in numbers; those on the controls are counted apart, where success is what is wanted. */
export function totalsOf(attacks: readonly AttackResult[], controls: readonly ControlResult[]): AttackTotals {
  const real = attacks.filter(({ kind }) => kind !== 'control');
  const count = (verdict: AttackResult['verdict']) => real.filter((each) => each.verdict === verdict).length;
  return {
    total: real.length,
    refused: count('held'),
    succeeded: count('hit'),
    unexpected: count('unexpected'),
    residual: count('residual'),
    skipped: count('skipped'),
    controls: {
      expected: controls.reduce((sum, { expected }) => sum + expected, 0),
      hit: controls.reduce((sum, { hit }) => sum + hit, 0),
    },
  };
}

/** The sum of several cells; null of none. */
export function sumOfAttacks(all: readonly AttackTotals[]): AttackTotals | null {
  if (all.length === 0) return null;
  const sum = (of: (each: AttackTotals) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    total: sum(({ total }) => total),
    refused: sum(({ refused }) => refused),
    succeeded: sum(({ succeeded }) => succeeded),
    unexpected: sum(({ unexpected }) => unexpected),
    residual: sum(({ residual }) => residual),
    skipped: sum(({ skipped }) => skipped),
    controls: {
      expected: sum(({ controls }) => controls.expected),
      hit: sum(({ controls }) => controls.hit),
    },
  };
}
