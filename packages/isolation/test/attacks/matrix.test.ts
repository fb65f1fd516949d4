import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackCell, targetNames, type AttackedCell } from '../../src/attack-cell.ts';
import { attacks, type AttackResult } from '../../src/attacks/index.ts';
import { attackMatrix } from '../../src/report/matrix.ts';
import { leftOf, startCell, type TestCell } from './support.ts';

let cell: TestCell;
let run: AttackedCell;

beforeAll(async () => {
  cell = await startCell();
  run = await attackCell({ control: cell.control, credentialKey: cell.credentialKey });
  // Under a minute by itself; more where other tests share the machine.
}, 240_000);
afterAll(() => cell.stop());

function of(target: string): readonly AttackResult[] {
  return run.attacks.filter((each) => each.target === target);
}

/** Readable when it fails. */
function wrong(results: readonly AttackResult[]): readonly string[] {
  return results
    .filter(({ verdict }) => verdict === 'hit' || verdict === 'unexpected')
    .map(
      ({ attack, verdict, state, expected, message }) =>
        `${verdict} ${attack} ${state} (${expected.join(', ')}) ${message}`,
    );
}

describe.each(['login', 'sealed', 'leased', 'auto'])('over %s', (target) => {
  test('no attack succeeds, and every answer is one that the catalogue knows', () => {
    expect(wrong(of(target))).toEqual([]);
  });

  test('every attack was tried, and the victim has lost nothing', () => {
    const skipped = of(target).filter(({ verdict }) => verdict === 'skipped');
    const poisons = attacks.filter(({ level }) => level === 'poison').length;
    expect(of(target)).toHaveLength(attacks.length + 1);
    expect(skipped).toHaveLength(target === 'login' ? poisons : 0);
    expect(of(target).at(-1)).toMatchObject({ attack: 'write.intact', verdict: 'held' });
  });

  test('what PostgreSQL allows to everybody is seen, and told apart', () => {
    const residual = of(target).filter(({ residual: risk }) => risk !== null);
    const seen = residual.filter(({ verdict }) => verdict === 'residual').map(({ attack }) => attack);
    // A sealed connection never changes tenant, so no seed is left for another.
    const notHere = target === 'leased' ? [] : ['poison.random-seed'];
    expect(residual.map(({ attack }) => attack).filter((attack) => !seen.includes(attack))).toEqual(notHere);
  });
});

test.each(['search_path', 'set role'] as const)(
  'the control "%s" is hit by every attack that it must be',
  (control) => {
    const result = run.controls.find((each) => each.control === control);
    expect(result).toMatchObject({ ok: true, missed: [] });
    // Nor by others: a statement that succeeds here and is not listed would be a hole in the catalogue.
    const hits = of(control).filter(({ verdict }) => verdict === 'hit');
    const listed = attacks.filter(({ hits: on }) => on.includes(control)).map(({ id }) => id);
    expect(hits.map(({ attack }) => attack).toSorted()).toEqual(listed.toSorted());
  },
);

test('the table has a column for each way, and shows where attacks succeed', () => {
  const table = attackMatrix(run.attacks, false);
  // For whoever reads the log of a build: what was tried, and what PostgreSQL said to it.
  console.log(table.join('\n'));
  for (const name of targetNames) expect(table[0]).toContain(name);
  const reading = table.find((line) => line.startsWith('reading rows'));
  expect(reading).toMatch(/reading rows \(\d+\) +– +– +– +– +HIT \d+ +HIT \d+$/);
});

test('no report shows a canary', () => {
  expect(JSON.stringify(run.attacks)).not.toMatch(/canary[a-z2-7]{20}/);
});

test('nothing is left', async () => {
  expect(await leftOf(cell)).toEqual([]);
});
