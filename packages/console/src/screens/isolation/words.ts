import type {
  AttackVerdict,
  CheckState,
  IsolationPart,
  IsolationVerdict,
  RunAttack,
  SecurityEventKind,
} from '@tenantry/contract';

/** What the parts of a run are called, and what each does. */
export const partWords: Readonly<Record<IsolationPart, { readonly name: string; readonly does: string }>> = {
  audit: { name: 'Catalog audit', does: 'Compares PostgreSQL’s catalogs with the design' },
  oracle: { name: 'Rights oracle', does: 'Asks PostgreSQL what every role may do' },
  probes: { name: 'Attacks', does: 'One canary tenant attacks another' },
  faults: { name: 'Fault injection', does: 'Weakens a copy on purpose and counts what is noticed' },
};

/** A verdict in a word, and what it means for the reader. */
export const verdictWords: Readonly<
  Record<IsolationVerdict, { readonly word: string; readonly means: string }>
> = {
  verified: { word: 'Verified', means: 'Every part ran in its time, and nothing is open.' },
  failing: { word: 'Failing', means: 'Something weakens the isolation of tenants now.' },
  stale: { word: 'Stale', means: 'A part is late, so nobody knows. An old proof proves nothing.' },
  unverified: { word: 'Not verified yet', means: 'Audit, oracle or attacks have not come to an end here.' },
};

export const checkStateWords: Readonly<Record<CheckState, string>> = {
  passed: 'Passed',
  failed: 'Failing',
  accepted: 'Accepted',
  unknown: 'Never run',
};

/** What an attack came to, as the matrix says it. On a positive control success is what is wanted. */
export function attackWord({ verdict, kind }: Pick<RunAttack, 'verdict' | 'kind'>): string {
  if (kind === 'control') return controlWords[verdict];
  return attackWords[verdict];
}

const attackWords: Readonly<Record<AttackVerdict, string>> = {
  held: 'Refused',
  hit: 'Succeeded',
  unexpected: 'Unexpected',
  residual: 'Residual',
  skipped: 'Skipped',
};

const controlWords: Readonly<Record<AttackVerdict, string>> = {
  ...attackWords,
  held: 'No effect',
  hit: 'Hit',
};

/** How an attacker gets there. */
export const levelWords: Readonly<Record<string, string>> = {
  L1: 'L1 · injected into one SELECT',
  L2: 'L2 · whole statements',
  L3: 'L3 · several statements in one text',
  poison: 'Poison · left for the next tenant',
  http: 'HTTP · a request',
};

export const familyWords: Readonly<Record<string, string>> = {
  read: 'Read another tenant',
  write: 'Write to another tenant',
  become: 'Become another role',
  define: 'Define objects',
  server: 'Reach the server',
  disturb: 'Disturb another tenant',
  lease: 'Misuse a lease',
  poison: 'Poison a connection',
  http: 'Over HTTP',
  residual: 'Residual risks of PostgreSQL',
};

/** Where an attack was run from, as a heading. */
export const targetWords: Readonly<Record<string, string>> = {
  sealed: 'Sealed lane',
  leased: 'Leased lane',
  auto: 'Automatic lane',
  login: 'Plain login',
  slot: 'Slot',
  http: 'HTTP',
  search_path: 'search_path only',
  'set role': 'SET LOCAL ROLE',
};

export const kindWords: Readonly<
  Record<SecurityEventKind, { readonly name: string; readonly means: string }>
> = {
  denied: { name: 'Denied', means: 'PostgreSQL refused for lack of a privilege' },
  'foreign-name': { name: 'Foreign name', means: 'A name in another schema did not resolve' },
  'role-switch': { name: 'Role switch', means: 'An attempt to become another role' },
  guard: { name: 'Guard', means: 'The library refused the statement itself' },
  'lane-refused': { name: 'Lane refused', means: 'A connection could not become its tenant’s' },
  'lane-assertion': { name: 'Lane assertion', means: 'Before COMMIT the session was no longer its tenant’s' },
  'login-refused': { name: 'Login refused', means: 'A wrong password, or a login that is closed' },
  'tenant-closed': { name: 'Tenant closed', means: 'Work for a suspended, archived or deleted tenant' },
  context: { name: 'Context', means: 'Work without a tenant, or in another tenant’s context' },
};
