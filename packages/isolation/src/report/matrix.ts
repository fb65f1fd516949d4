import type { AttackFamily } from '../attacks/attack.ts';
import type { AttackResult } from '../attacks/result.ts';
import { columns, oneLine } from './text.ts';

const titles: Readonly<Record<AttackFamily, string>> = {
  read: 'reading rows',
  write: 'writing rows and objects',
  become: 'becoming somebody else',
  define: 'making objects',
  server: 'the machine and the server',
  disturb: 'ending, cancelling, locking',
  lease: 'the lease machinery',
  poison: 'left behind for the next tenant',
  residual: 'names, sizes, LISTEN, locks',
  http: 'requests over HTTP',
};

/** Attacks against the ways that were attacked: what succeeded, `–` for nothing. */
export function attackMatrix(results: readonly AttackResult[], all: boolean): readonly string[] {
  const targets = [...new Set(results.map(({ target }) => target))];
  if (targets.length === 0) return [];
  const families = (Object.keys(titles) as AttackFamily[]).filter((family) =>
    results.some((each) => each.family === family),
  );
  const rows = families.flatMap((family) => {
    const own = results.filter((each) => each.family === family);
    const attacks = [...new Set(own.map(({ attack }) => attack))];
    const row = [
      `${titles[family]} (${attacks.length})`,
      ...targets.map((target) => familyCell(own.filter((each) => each.target === target))),
    ];
    return [row].concat(all ? attacks.map((attack) => attackRow(attack, own, targets)) : []);
  });
  return [...columns([['attacks that succeed', ...targets], ...rows]), legendOf(results)];
}

function attackRow(attack: string, own: readonly AttackResult[], targets: readonly string[]): string[] {
  const results = own.filter((each) => each.attack === attack);
  const { level, title } = results[0]!;
  const cells = targets.map((target) => attackCell(results.find((each) => each.target === target)));
  return [`  ${level.padEnd(2)} ${oneLine(title, 60)}`, ...cells];
}

function attackCell(result: AttackResult | undefined): string {
  switch (result?.verdict) {
    case undefined:
    case 'skipped':
      return '';
    case 'hit':
      return 'HIT';
    case 'residual':
      return '(hit)';
    case 'unexpected':
      return result.kind === 'control' ? '–' : `? ${result.state}`;
    case 'held':
      return '–';
  }
}

function familyCell(results: readonly AttackResult[]): string {
  const tried = results.filter(({ verdict }) => verdict !== 'skipped');
  if (tried.length === 0) return '';
  const n = (verdict: AttackResult['verdict']): number =>
    tried.filter((each) => each.verdict === verdict).length;
  const odd = tried[0]!.kind === 'control' ? 0 : n('unexpected');
  const parts = [
    ...(n('hit') > 0 ? [`HIT ${n('hit')}`] : []),
    ...(odd > 0 ? [`? ${odd}`] : []),
    ...(n('residual') > 0 ? [`(${n('residual')})`] : []),
  ];
  return parts.length === 0 ? '–' : parts.join(' ');
}

function legendOf(results: readonly AttackResult[]): string {
  const residual = results.some(({ verdict }) => verdict === 'residual')
    ? '  (n) PostgreSQL’s own, stated below.'
    : '';
  const odd = results.some(({ verdict, kind }) => verdict === 'unexpected' && kind !== 'control')
    ? '  ? another answer than expected.'
    : '';
  return `HIT n: so many succeed.  –: none.${residual}${odd}`;
}
