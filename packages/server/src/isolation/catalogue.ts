import {
  attacks,
  catalogChecks,
  httpAttacks,
  oracleChecks,
  sharedAttacks,
  type Attack,
  type Check,
} from '@tenantry/isolation';
import type { FindingSeverity, IsolationPart } from '@tenantry/contract';

/** Everything that a finding can be of, in one form: checks of the catalogs, attacks, and what this control plane watches itself. */
export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  readonly proves: string;
  readonly severity: FindingSeverity;
  readonly family: string;
  readonly part: IsolationPart;
  readonly controls: readonly string[];
  readonly sql: string | null;
  readonly remediation: string | null;
}

/** The check that no run is missing. */
export const lateCheck = 'run.late';

const accessControls = [
  'SOC2:CC6.1',
  'SOC2:CC6.6',
  'SOC2:C1.1',
  'GDPR:5(1)(f)',
  'GDPR:32(1)(b)',
  'GDPR:32(1)(d)',
  'ISO27001:A.8.3',
  'ISO27001:A.8.22',
  'ISO27001:A.8.29',
  'ISO27017:CLD.9.5.1',
];
const monitoringControls = ['SOC2:CC4.1', 'SOC2:CC7.1', 'SOC2:CC7.2', 'GDPR:32(1)(d)', 'ISO27001:A.8.16'];

const own: readonly CatalogueEntry[] = [
  {
    id: 'attack.control',
    title: 'Attacks that have to succeed on a positive control do not',
    proves: 'The attacks are right: the same statements succeed where nothing isolates.',
    severity: 'high',
    family: 'control',
    part: 'probes',
    controls: monitoringControls,
    sql: null,
    remediation: 'Look at the run: what was refused on the control, and why. Until then it proves nothing.',
  },
  {
    id: 'faults.missed',
    title: 'A fault that was put in on purpose went unnoticed',
    proves: 'The checks can fail: what weakens isolation is noticed.',
    severity: 'high',
    family: 'faults',
    part: 'faults',
    controls: monitoringControls,
    sql: null,
    remediation:
      'Update Tenantry, or report the fault: there is a way to weaken isolation that no check sees.',
  },
  {
    id: lateCheck,
    title: 'A run is missing or late',
    proves: 'Nobody takes silence for good news: what has not been verified in its time is shown.',
    severity: 'high',
    family: 'run',
    part: 'audit',
    controls: monitoringControls,
    sql: null,
    remediation:
      'See the last runs: "tenantry isolation runs". Is the control plane running, and can it reach the cell?',
  },
];

/** Every entry, in the order of a report. */
export const catalogue: readonly CatalogueEntry[] = [
  ...catalogChecks.map((check) => ofCheck(check, 'audit')),
  ...oracleChecks.map((check) => ofCheck(check, 'oracle')),
  ...attacks.filter(({ residual }) => residual === undefined).map(ofAttack),
  ...[...httpAttacks, ...sharedAttacks].map(ofHttpAttack),
  ...own,
];

const byId: ReadonlyMap<string, CatalogueEntry> = new Map(catalogue.map((entry) => [entry.id, entry]));

/** An entry by its id, or undefined: findings of older versions may be of checks that are no more. */
export function entryOf(id: string): CatalogueEntry | undefined {
  return byId.get(id);
}

function ofCheck(check: Check, part: 'audit' | 'oracle'): CatalogueEntry {
  const { id, title, proves, severity, family, controls, sql, remediation } = check;
  return { id, title, proves, severity, family, part, controls, sql: sql.trim(), remediation };
}

function ofAttack({ id, family, title, steps }: Attack): CatalogueEntry {
  return {
    id: `attack.${id}`,
    title: `Attack: ${title}`,
    proves: 'A tenant that tries this against another is refused, over every lane.',
    severity: 'critical',
    family,
    part: 'probes',
    controls: accessControls,
    sql: steps.map(textOf).join(';\n'),
    remediation:
      'See what the run was answered. A critical finding here is a breach: suspend, then look for the grant.',
  };
}

function ofHttpAttack({ id, title }: { readonly id: string; readonly title: string }): CatalogueEntry {
  return {
    id: `attack.${id}`,
    title: `Attack over HTTP: ${title}`,
    proves:
      'A tenant’s key that is used so on the API of the control plane brings nothing of another tenant.',
    severity: 'critical',
    family: 'http',
    part: 'probes',
    controls: accessControls,
    sql: null,
    remediation:
      'See the requests of the run and what they were answered. Until it is mended, revoke the keys of the role tenant.',
  };
}

function textOf(step: Attack['steps'][number]): string {
  if (typeof step === 'string') return step;
  return 'victim' in step ? `/* the victim */ ${step.victim}` : '/* a new connection */';
}
