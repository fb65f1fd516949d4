import type { IsolationRunDetail, RunAttack } from '@tenantry/contract';
import type { Output } from './output.ts';
import { printFields, printTable, verdict, workState } from './render.ts';
import { formatMs, relativeTime } from './time.ts';

/** What became of a run: in whole with `all`, else what was not as it must be. */
export function printRun(out: Output, run: IsolationRunDetail, all: boolean): void {
  if (out.quiet) {
    out.print(`${run.id} ${run.state}`);
    return;
  }
  printFields(out, [
    ['id', run.id],
    ['state', workState(out, run.state)],
    ['operation', run.operation],
    ['cells', run.cells.join(', ')],
    ['parts', run.parts.join(', ')],
    ['trigger', `${run.trigger}, by ${run.actor.name}`],
    ['created', `${run.createdAt} (${relativeTime(run.createdAt)})`],
    ['took', formatMs(run.ms)],
    [
      'findings',
      run.clean === null
        ? null
        : `${run.findings.seen} seen, ${run.findings.opened} new, ${run.findings.resolved} resolved`,
    ],
    [
      'attacks',
      run.attacks &&
        `${run.attacks.refused} refused, ${run.attacks.succeeded} succeeded, ${run.attacks.unexpected} with an unexpected answer`,
    ],
    ['faults', run.faults && `${run.faults.found} of ${run.faults.total} noticed`],
  ]);
  out.print('');
  printTable(
    out,
    run.results,
    [
      { title: 'part', value: ({ part }) => part },
      { title: 'cell', value: ({ cell }) => cell },
      { title: 'state', value: ({ state }) => workState(out, state) },
      { title: 'findings', value: ({ findings }) => String(findings), align: 'right' },
      { title: 'took', value: ({ ms }) => formatMs(ms), align: 'right' },
      { title: 'note', value: ({ error, notes }) => error ?? notes.join(' '), min: 10 },
    ],
    'Nothing has been run yet.',
  );
  const checks = run.checks.filter(({ state }) => all || state === 'failed');
  if (checks.length > 0) {
    out.print('');
    printTable(
      out,
      checks,
      [
        { title: 'check', value: ({ check }) => check },
        { title: 'state', value: ({ state }) => verdict(out, state === 'passed', state) },
        { title: 'findings', value: ({ findings }) => String(findings), align: 'right' },
        { title: 'title', value: ({ title }) => title, min: 16 },
      ],
      '',
    );
  }
  printAttacks(
    out,
    run.matrix.filter((attack) => all || isOdd(attack)),
  );
}

function isOdd({ kind, verdict: is }: RunAttack): boolean {
  return kind !== 'control' && (is === 'hit' || is === 'unexpected');
}

function printAttacks(out: Output, attacks: readonly RunAttack[]): void {
  if (attacks.length === 0) return;
  out.print('');
  printTable(
    out,
    attacks,
    [
      { title: 'attack', value: ({ attack }) => attack },
      { title: 'target', value: ({ target }) => target },
      {
        title: 'verdict',
        value: (attack) =>
          attack.kind === 'control' ? attack.verdict : verdict(out, !isOdd(attack), attack.verdict),
      },
      { title: 'answer', value: ({ actual }) => actual ?? '' },
      { title: 'expected', value: ({ expected }) => expected.join(' '), drop: 1 },
      { title: 'title', value: ({ title }) => title, min: 12 },
    ],
    '',
  );
}
