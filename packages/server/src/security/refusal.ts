import type { SecurityEvent, SecurityEventKind, SecurityEventSource } from '@tenantry/contract';

/** Equal refusals of a moment, as they come in. */
export interface Refusal {
  readonly kind: SecurityEventKind;
  readonly tenantId: string | null;
  readonly cell: string | null;
  readonly lane: SecurityEvent['lane'];
  readonly sqlState: string | null;
  readonly fingerprint: string | null;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** SQLSTATEs that are kept and counted by name. Any other is none: their number must have a bound, in labels as in rows. */
export const knownSqlStates: ReadonlySet<string> = new Set([
  '08P01',
  '0A000',
  '22023',
  '22P02',
  '25P02',
  '28000',
  '28P01',
  '3D000',
  '3F000',
  '42501',
  '42601',
  '42602',
  '42704',
  '42883',
  '42P01',
  '53300',
  '57014',
  '57P01',
  '57P03',
  'XX000',
]);

/** Combinations of labels that are there from the start: a counter that appears with its first spike shows no increase. */
export const expectedCounts: readonly (readonly [SecurityEventKind, string, SecurityEventSource])[] = [
  ['denied', '42501', 'lane'],
  ['denied', '42501', 'log'],
  ['foreign-name', '42P01', 'lane'],
  ['foreign-name', '3F000', 'lane'],
  ['role-switch', '42501', 'lane'],
  ['role-switch', '42501', 'log'],
  ['role-switch', '22023', 'lane'],
  ['role-switch', '42704', 'lane'],
  ['guard', '42601', 'lane'],
  ['guard', '57014', 'lane'],
  ['lane-refused', '42501', 'lane'],
  ['lane-assertion', '22P02', 'lane'],
  ['login-refused', '28P01', 'lane'],
  ['login-refused', '28000', 'lane'],
  ['login-refused', '28P01', 'log'],
  ['login-refused', '28000', 'log'],
  ['tenant-closed', '', 'lane'],
  ['tenant-closed', '', 'control-plane'],
];

/** Two refusals with the same key differ in their moment and count alone. */
export function keyOf(refusal: Refusal, source: SecurityEventSource): string {
  const { kind, tenantId, cell, lane, sqlState, fingerprint } = refusal;
  return [source, kind, tenantId, cell, lane, sqlState, fingerprint].join(' ');
}

/** Both together. */
export function sum(a: Refusal, b: Refusal): Refusal {
  return {
    ...a,
    count: a.count + b.count,
    firstAt: a.firstAt < b.firstAt ? a.firstAt : b.firstAt,
    lastAt: a.lastAt > b.lastAt ? a.lastAt : b.lastAt,
  };
}
