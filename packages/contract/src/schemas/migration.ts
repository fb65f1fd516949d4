import { Type, type Static } from 'typebox';
import { Nullable, OneOf } from './common.ts';

export const Migration = Type.Object({
  kind: OneOf(['versioned', 'repeatable']),
  version: Nullable(Type.String()),
  description: Type.String(),
  script: Type.String(),
  checksum: Type.Integer(),
});
export type Migration = Static<typeof Migration>;

export const MigrationList = Type.Object({
  locations: Type.Array(Type.String()),
  fingerprint: Type.String(),
  schemaVersion: Nullable(Type.String()),
  migrations: Type.Array(Migration),
  ignored: Type.Array(Type.Object({ script: Type.String(), reason: Type.String() })),
  tenants: Type.Object({
    current: Type.Integer({ description: 'Tenants that were built from exactly these files' }),
    behind: Type.Integer({ description: 'Tenants that were built from others' }),
  }),
});
export type MigrationList = Static<typeof MigrationList>;

export const LintFinding = Type.Object({
  rule: Type.String(),
  severity: OneOf(['error', 'warning']),
  script: Type.String(),
  line: Type.Integer(),
  message: Type.String(),
  instead: Type.String({ description: 'What to write instead' }),
});
export type LintFinding = Static<typeof LintFinding>;

export const MigrationLint = Type.Object({ ok: Type.Boolean(), findings: Type.Array(LintFinding) });
export type MigrationLint = Static<typeof MigrationLint>;
