import type { EvidenceReport, SignedReport } from '../types.ts';
import { count, moment, mono, type Block, type Tone } from './block.ts';

/** The first page: what it is, what it comes to, and how much that rests on. */
export function summary({ report, hash }: SignedReport): readonly Block[] {
  const { verdict, chain } = report;
  return [
    {
      kind: 'facts',
      rows: [
        ['Report', mono(report.id)],
        ['Issued', `${moment(report.issuedAt)} by ${report.issuedBy}`],
        ['Period', `${moment(report.period.from)} to ${moment(report.period.to)}`],
        [
          'Chain',
          `${chain.name === 'installation' ? 'installation' : 'this tenant'}, report ${count(chain.sequence)}`,
        ],
        ['SHA-256', mono(hash)],
        ['Signed with', mono(report.keyId)],
      ],
    },
    {
      kind: 'verdict',
      ...looks[verdict.outcome],
      headline: verdict.headline,
      lines: verdict.sentences,
    },
    { kind: 'tiles', tiles: tilesOf(report) },
    ...(verdict.missing.length === 0
      ? []
      : [
          {
            kind: 'note',
            tone: 'warn',
            title: 'What is missing for a whole picture',
            lines: shortened(verdict.missing),
          } as const,
        ]),
    {
      kind: 'text',
      quiet: true,
      text: 'This report states what was verified, how, and what came out. It is evidence for an assessment by a qualified person and is not itself a certificate or an attestation. What it cannot show stands beside each control.',
    },
  ];
}

const looks = {
  held: { tone: 'good', word: 'Separation held' },
  findings: { tone: 'bad', word: 'Findings are open' },
  incomplete: { tone: 'warn', word: 'Evidence incomplete' },
} as const satisfies Record<EvidenceReport['verdict']['outcome'], { tone: Tone; word: string }>;

const mostShown = 8;

function shortened(lines: readonly string[]): readonly string[] {
  return lines.length <= mostShown
    ? lines
    : [...lines.slice(0, mostShown), `and ${count(lines.length - mostShown)} more, in the sections below.`];
}

function tilesOf(report: EvidenceReport): Extract<Block, { kind: 'tiles' }>['tiles'] {
  const attacks = report.runs
    .flatMap((run) => run.attacks)
    .filter(({ kind, verdict }) => kind !== 'control' && verdict !== 'skipped' && verdict !== 'residual');
  const held = attacks.filter(({ verdict }) => verdict === 'held').length;
  const faults = report.runs.flatMap((run) => (run.faults === null ? [] : [run.faults]));
  const total = faults.reduce((sum, each) => sum + each.total, 0);
  const found = faults.reduce((sum, each) => sum + each.found, 0);
  const open = report.findings.length;
  const tenants = report.population;
  return [
    ...(tenants === null
      ? []
      : [
          {
            value: count(tenants.registered),
            label: tenants.reconciled ? 'tenants, reconciled' : 'tenants, not reconciled',
            tone: tenants.reconciled ? 'plain' : 'bad',
          } as const,
        ]),
    {
      value: count(open),
      label: open === 1 ? 'open finding' : 'open findings',
      tone: open === 0 ? 'good' : 'bad',
    },
    {
      value: attacks.length === 0 ? 'none' : `${count(held)} / ${count(attacks.length)}`,
      label: 'attacks refused',
      tone: attacks.length === 0 ? 'warn' : held === attacks.length ? 'good' : 'bad',
    },
    {
      value: total === 0 ? 'none' : `${count(found)} / ${count(total)}`,
      label: 'planted faults noticed',
      tone: total === 0 ? 'warn' : found === total ? 'good' : 'bad',
    },
    {
      value: count(report.exceptions.length),
      label: report.exceptions.length === 1 ? 'accepted exception' : 'accepted exceptions',
      tone: report.exceptions.length === 0 ? 'plain' : 'warn',
    },
  ];
}
