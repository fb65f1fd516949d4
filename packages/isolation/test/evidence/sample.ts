import { attacks, type AttackResult } from '../../src/attacks/index.ts';
import { oracleChecks } from '../../src/oracle.ts';
import { scans } from '../../src/checks/index.ts';
import type { AccessMatrix } from '../../src/evidence/access-matrix.ts';
import { newSigningKey, signingKey, type SigningKey } from '../../src/evidence/keys.ts';
import { tablePrivileges, type EvidenceInput, type EvidenceTenant } from '../../src/evidence/index.ts';
import type { RunResult } from '../../src/result.ts';
import { clean } from '../report/sample.ts';

/** A key for tests; made anew for each process. */
export const key: SigningKey = signingKey(newSigningKey());

/** An id of a tenant, by its number. */
export function idOf(at: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  let rest = at + 7;
  let text = '';
  for (let place = 0; place < 12; place += 1) {
    text += letters[(rest + place * 5) % 32];
    rest = Math.floor(rest / 3) + place;
  }
  return `t_${text}`;
}

/** Names as customers have them: of many scripts, long, and with signs that mean something elsewhere. */
const names = [
  'Acme GmbH & Co. KG',
  'Ελληνική Εταιρεία Α.Ε.',
  'ООО «Северный ветер»',
  'شركة المثال للتقنية',
  'חברת הדוגמה בע״מ',
  '株式会社サンプル',
  'Ďábelská Šťáva, spol. s r.o.',
  '<script>alert(1)</script>',
  'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz Handelsgesellschaft mbH',
  '=HYPERLINK("http://x","y")',
];

export function tenantsOf(count: number): readonly EvidenceTenant[] {
  return Array.from({ length: count }, (_, at) => ({
    id: idOf(at),
    slug: `customer-${at}`,
    name: names[at] ?? `Customer ${at}`,
    state: at % 17 === 3 ? 'suspended' : 'active',
    schema: idOf(at),
    cell: 'default',
    level: 'sealed',
    provisionedAt: new Date(Date.UTC(2026, 0, 1, 8, at)).toISOString(),
    schemaVersion: '12',
  }));
}

const checks = [...scans.flatMap(({ checks: each }) => each), ...oracleChecks];

function attackResults(): readonly AttackResult[] {
  return attacks.flatMap((attack) =>
    (
      [
        ['login', 'login'],
        ['sealed', 'lane'],
        ['leased', 'lane'],
        ['search_path', 'control'],
        ['set role', 'control'],
      ] as const
    ).flatMap(([target, kind]): readonly AttackResult[] => {
      if (kind === 'control' && attack.hits.length === 0) return [];
      const hits = kind === 'control' && attack.hits.includes(target);
      return [
        {
          attack: attack.id,
          family: attack.family,
          level: attack.level,
          title: attack.title,
          target,
          kind,
          verdict: hits ? 'hit' : attack.residual === undefined ? 'held' : 'residual',
          state: hits ? '00000' : (attack.expected[0] ?? null),
          expected: attack.expected,
          message: null,
          steps: attack.steps.filter((step) => typeof step === 'string'),
          residual: attack.residual ?? null,
          tookMs: 1,
        },
      ];
    }),
  );
}

export function resultOf(tenants: number): RunResult {
  return {
    ...clean,
    population: { tenants, registered: tenants },
    checks: checks.map((check) => ({ check, status: 'passed', findings: 0, accepted: 0 })),
    attacks: attackResults(),
    controls: [
      { control: 'search_path', expected: 31, hit: 31, missed: [], ok: true },
      { control: 'set role', expected: 42, hit: 42, missed: [], ok: true },
    ],
  };
}

export function matrixOf(tenants: readonly EvidenceTenant[]): AccessMatrix {
  const counts = (held: readonly string[]): AccessMatrix['cells'][number]['privileges'] =>
    Object.fromEntries(
      tablePrivileges.map((name) => [name, held.includes(name) ? 20 : 0]),
    ) as AccessMatrix['cells'][number]['privileges'];
  return {
    asOf: '2026-03-01T10:00:09.000Z',
    database: 'tenantry',
    roles: tenants.length * 2 + 24,
    schemas: tenants.length,
    names: tenants.map(({ schema }) => schema),
    everywhere: [{ role: 'postgres', why: 'superuser', canLogin: true }],
    cells: tenants.flatMap(({ schema }) => {
      const base = { schema, usage: true, tables: 20, maySet: false };
      return [
        {
          ...base,
          role: schema,
          canLogin: true,
          relation: 'login' as const,
          create: false,
          privileges: counts(['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
        },
        {
          ...base,
          role: `${schema}_owner`,
          canLogin: false,
          relation: 'owner' as const,
          create: true,
          privileges: counts(tablePrivileges),
        },
        {
          ...base,
          role: 'tenantry_control',
          canLogin: true,
          relation: 'other' as const,
          usage: false,
          create: false,
          privileges: counts([]),
          maySet: true,
        },
      ];
    }),
  };
}

/** Everything that a report can hold, with nothing wrong. */
export function sampleInput(count: number, changes: Partial<EvidenceInput> = {}): EvidenceInput {
  const tenants = tenantsOf(count);
  const finished = (minutes: number): string => new Date(Date.UTC(2026, 2, 1, 0, minutes)).toISOString();
  return {
    id: 'ev_abcdefghijklmnop',
    issuedAt: '2026-03-01T10:05:00.000Z',
    issuedBy: 'Jane Auditor (user)',
    software: { name: 'Tenantry', version: '0.1.0' },
    installation: 'tenantry on db.example.com',
    keyId: key.id,
    chain: { name: 'installation', sequence: 1, previous: null },
    tenant: null,
    period: { from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T10:05:00.000Z' },
    tenants,
    runs: [
      {
        id: 'ir_abcdefghijklmnop',
        cell: 'default',
        kind: 'audit, oracle, probes, faults',
        trigger: 'schedule',
        actor: 'isolation (system)',
        result: resultOf(count),
      },
    ],
    findings: [],
    acceptances: [],
    series: {
      cells: [{ cell: 'default', since: null }],
      runs: Array.from({ length: 120 }, (_, at) => ({
        cell: 'default',
        kind: 'audit',
        finishedAt: finished(at * 5 + 1),
        ok: true,
      })),
      schedules: [{ kind: 'audit', everySeconds: 300 }],
    },
    accessMatrices: [['default', matrixOf(tenants)]],
    lifecycle: { provisioned: 3, probedBeforeActive: 3, suspended: 1, purged: 0 },
    ...changes,
  };
}
