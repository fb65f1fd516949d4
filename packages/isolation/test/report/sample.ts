import type { AttackResult } from '../../src/attacks/index.ts';
import type { Check, Finding } from '../../src/finding.ts';
import type { RunResult } from '../../src/result.ts';

const check: Check = {
  id: 'privileges.table',
  title: 'Tables',
  proves: 'Nobody but its tenant may read a table.',
  severity: 'critical',
  family: 'privileges',
  controls: ['SOC2:CC6.1', 'GDPR:32(1)(b)'],
  sql: 'SELECT 1',
  remediation: 'Take the grant back.',
};

const quiet: Check = {
  ...check,
  id: 'owners.schema',
  title: 'Owners of schemas',
  family: 'owners',
  severity: 'high',
};

export const finding: Finding = {
  check: 'privileges.table',
  subject: 'table t_b.notes: SELECT for t_a',
  tenant: 't_b',
  severity: 'critical',
  message: 't_a may read the table notes of t_b',
  evidence: { grantee: 't_a' },
  remediation: 'REVOKE SELECT ON t_b.notes FROM t_a;',
};

const held: AttackResult = {
  attack: 'read.union',
  family: 'read',
  level: 'L1',
  title: 'a union',
  target: 'sealed',
  kind: 'lane',
  verdict: 'held',
  state: '42501',
  expected: ['42501'],
  message: null,
  steps: ['SELECT 1'],
  residual: null,
  tookMs: 2,
};

export const clean: RunResult = {
  tool: { name: 'tenantry-isolation', version: '0.1.0' },
  startedAt: '2026-03-01T10:00:00.000Z',
  finishedAt: '2026-03-01T10:00:08.500Z',
  server: {
    version: '18.4',
    systemIdentifier: '7512345678901234567',
    database: 'tenantry',
    role: 'tenantry_control',
  },
  population: { tenants: 1000, registered: 1000 },
  checks: [
    { check, status: 'passed', findings: 0, accepted: 0 },
    { check: quiet, status: 'passed', findings: 0, accepted: 1 },
  ],
  findings: [],
  accepted: [],
  attacks: [
    held,
    {
      ...held,
      attack: 'poison.role',
      family: 'poison',
      level: 'poison',
      title: 'another role',
      verdict: 'skipped',
      state: null,
      message: 'Its connections never change tenant.',
    },
    {
      ...held,
      attack: 'residual.sizes',
      family: 'residual',
      title: 'sizes',
      verdict: 'residual',
      state: '00000',
      residual: 'sizes',
    },
    { ...held, target: 'search_path', kind: 'control', verdict: 'hit', state: '00000' },
  ],
  controls: [{ control: 'search_path', expected: 1, hit: 1, missed: [], ok: true }],
  residualRisks: [
    { id: 'sizes', title: 'Numbers and sizes', statement: 'Sizes can be read.', reducedBy: 'Opaque ids.' },
  ],
  faults: { total: 180, found: 180, foundByOracle: 140, missed: [], skipped: [] },
  notes: [],
};

/** Everything that can go wrong, with names that an attacker has chosen. */
export const broken: RunResult = {
  ...clean,
  checks: [{ check, status: 'failed', findings: 2, accepted: 0 }, clean.checks[1]!],
  findings: [
    finding,
    {
      ...finding,
      subject: 'table t_b."<evil>&\u001b[2K\u0000": SELECT',
      severity: 'low',
      message: 'It is called "<evil>&\u001b[2K\u0000]]>" \ud800',
      remediation: null,
    },
  ],
  attacks: [
    ...clean.attacks,
    {
      ...held,
      attack: 'read.query-to-xml',
      title: 'query_to_xml',
      verdict: 'hit',
      state: '00000',
      message: '<row>‹the victim’s canary›</row>',
    },
    {
      ...held,
      attack: 'server.load',
      title: 'LOAD of a library',
      family: 'server',
      verdict: 'unexpected',
      state: '58P01',
      message: 'no such file',
    },
  ],
  controls: [{ control: 'set role', expected: 2, hit: 1, missed: ['become.set-role'], ok: false }],
  faults: {
    total: 180,
    found: 179,
    foundByOracle: null,
    missed: [{ id: 'grant-usage', title: 'USAGE for PUBLIC' }],
    skipped: [{ id: 'x', title: 'y', reason: 'needs a superuser' }],
  },
  notes: ['The lane leased was not attacked.'],
};
