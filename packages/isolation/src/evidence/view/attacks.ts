import type { EvidenceAttack, EvidenceProcedure, EvidenceReport, EvidenceRun } from '../types.ts';
import { mono, paragraph, toned, type Block, type Cell, type Column, type Span } from './block.ts';

const levels: Readonly<Record<EvidenceProcedure['level'], string>> = {
  L1: 'injected into one parameterised SELECT',
  L2: 'whole statements, one at a time',
  L3: 'several statements in one text',
  poison: 'left behind on a connection that another tenant gets next',
  http: 'a request over HTTP',
};

/** Each attack, each way, the SQLSTATE that proves the refusal, and the one that came. */
export function attackSection(report: EvidenceReport): readonly Block[] {
  const runs = report.runs.filter(({ attacks }) => attacks.length > 0);
  if (runs.length === 0)
    return [{ kind: 'note', tone: 'warn', title: 'No attack was run in the period', lines: [] }];
  return [
    paragraph(
      'Two tenants are made for the purpose and removed afterwards; one attacks the other, whose rows are marked. An attack is refused when PostgreSQL answers with an expected SQLSTATE and no mark came back. No row of a customer is read. 42501 is insufficient privilege; 00000 means that the statements may run and must bring nothing; n/a, that there is nothing here that the attack could be tried on.',
    ),
    {
      kind: 'list',
      items: Object.entries(levels)
        .filter(([level]) => report.procedures.some((each) => each.level === level))
        .map(([level, text]) => `${level}: ${text}.`),
    },
    ...runs.flatMap((run) => blocksOf(run, report.procedures, runs.length > 1)),
  ];
}

function blocksOf(
  run: EvidenceRun,
  procedures: readonly EvidenceProcedure[],
  isOneOfMany: boolean,
): readonly Block[] {
  const title = { kind: 'heading', level: 2, text: `Cell ${run.cell}, run ${run.id}` } as const;
  return [...(isOneOfMany ? [title] : []), table(run, procedures), ...controlBlocks(run)];
}

function table({ attacks }: EvidenceRun, procedures: readonly EvidenceProcedure[]): Block {
  const targets = [...new Map(attacks.map(({ target, kind }) => [target, kind])).entries()];
  const ordered = [
    ...targets.filter(([, kind]) => kind !== 'control'),
    ...targets.filter(([, kind]) => kind === 'control'),
  ];
  const results = new Map(attacks.map((each) => [`${each.attack}\0${each.target}`, each]));
  const tried = procedures.filter(({ id }) => attacks.some(({ attack }) => attack === id));
  return {
    kind: 'table',
    dense: true,
    columns: [
      { title: 'Attack', width: 5.6 },
      { title: 'What is tried', width: 5.8 },
      { title: 'Level', width: 'auto' },
      { title: 'Expected', width: 2.8 },
      ...ordered.map(([target, kind]): Column => ({
        // A narrow column: a name breaks where its words end.
        title: kind === 'control' ? `${target.replace('_', '_\n')}\n(control)` : target,
        width: 3.5,
      })),
    ],
    rows: tried.map(({ id, title, level, expected }) =>
      [mono(id), title, level, mono(expected.join(' '))].concat(
        ordered.map(([target]) => observed(results.get(`${id}\0${target}`))) as Span[],
      ),
    ),
  };
}

/** What came, and what that means; short, because there are hundreds. */
function observed(result: EvidenceAttack | undefined): Cell {
  if (result === undefined) return { text: '–', tone: 'quiet' };
  const { verdict, state, kind } = result;
  const code = state ?? '';
  const words: Readonly<Record<EvidenceAttack['verdict'], Span>> = {
    held: { text: `${code} held`, tone: 'good' },
    hit: kind === 'control' ? { text: 'hit', tone: 'quiet' } : { ...toned(`${code} HIT`, 'bad') },
    unexpected:
      kind === 'control' ? { text: code, tone: 'quiet' } : { ...toned(`${code} unexpected`, 'bad') },
    residual: { text: 'residual', tone: 'quiet' },
    skipped: { text: 'n/a', tone: 'quiet' },
  };
  return kind === 'control' && verdict === 'held' ? { text: code, tone: 'quiet' } : words[verdict];
}

function controlBlocks({ positiveControls }: EvidenceRun): readonly Block[] {
  if (positiveControls.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: 'Positive controls' },
    paragraph(
      'The same statements against designs without such a separation, where some of them must succeed. If they did not, a refusal elsewhere would prove nothing.',
    ),
    {
      kind: 'table',
      columns: [
        { title: 'Control', width: 3 },
        { title: 'Attacks that must succeed', width: 3, align: 'right' },
        { title: 'Succeeded', width: 2, align: 'right' },
        { title: 'Did not', width: 6 },
        { title: 'Result', width: 'auto' },
      ],
      rows: positiveControls.map(({ control, expected, hit, missed, ok }) => [
        control,
        String(expected),
        String(hit),
        mono(missed.join(' ')),
        ok ? toned('as expected', 'good') : toned('not shown', 'bad'),
      ]),
    },
  ];
}
