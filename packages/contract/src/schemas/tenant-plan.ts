import { Type, type Static } from 'typebox';
import { Nullable, OneOf } from './common.ts';
import { MigrationLint } from './migration.ts';

export const SlugRef = Type.Object({
  slug: Type.String({ minLength: 1, maxLength: 500, description: 'What somebody wants to call a tenant' }),
});

export const SlugCheck = Type.Object({
  slug: Type.String(),
  available: Type.Boolean(),
  code: Nullable(
    OneOf(['SLUG_INVALID', 'SLUG_RESERVED', 'SLUG_TAKEN', 'SLUG_RETIRED'], 'Why it is not available'),
  ),
  reason: Nullable(Type.String()),
  suggestion: Nullable(Type.String({ description: 'A similar slug that is available' })),
});
export type SlugCheck = Static<typeof SlugCheck>;

export const PlannedMigration = Type.Object({
  kind: OneOf(['versioned', 'repeatable']),
  version: Nullable(Type.String()),
  description: Type.String(),
  script: Type.String(),
  checksum: Type.Integer(),
  statements: Type.Integer(),
  sql: Type.String({ description: 'As the file has it' }),
  afterCommit: Type.Integer({
    description: 'Statements that PostgreSQL runs in no transaction: they follow the commit',
  }),
});
export type PlannedMigration = Static<typeof PlannedMigration>;

export const PlannedStep = Type.Object({
  name: Type.String({ description: 'As the step of the operation is called' }),
  title: Type.String(),
  sql: Nullable(
    Type.String({ description: 'What will run, with a sample id; the secret’s verifier is left out' }),
  ),
});
export type PlannedStep = Static<typeof PlannedStep>;

/** What the request for a tenant would do, without doing anything. */
export const TenantPlan = Type.Object(
  {
    ok: Type.Boolean({ description: 'Nothing known now stands in the way' }),
    problems: Type.Array(
      Type.Object({
        code: Type.String({ description: 'The code that the request would be answered with' }),
        message: Type.String(),
        file: Type.Optional(Type.String()),
        line: Type.Optional(Type.Integer()),
      }),
    ),
    slug: Type.String(),
    cell: Type.String(),
    sampleId: Type.String({ description: 'Stands in the SQL for the id that will be generated' }),
    schema: Type.String({ description: 'In the SQL below; it is named as the id' }),
    roles: Type.Array(Type.Object({ role: Type.String(), login: Type.Boolean(), meaning: Type.String() })),
    way: OneOf(
      ['claim', 'build'],
      'A spare from the warm pool is claimed, or roles, schema and tables are built',
    ),
    spares: Type.Integer({ description: 'Ready ones that were built from these migrations' }),
    steps: Type.Array(PlannedStep),
    schemaVersion: Nullable(Type.String()),
    migrations: Type.Array(PlannedMigration),
    lint: MigrationLint,
    estimate: Nullable(
      Type.Object({
        p50: Type.Number({ description: 'Milliseconds, of the last operations that went this way' }),
        p95: Type.Number(),
        operations: Type.Integer(),
      }),
    ),
    rollback: Type.Array(Type.String(), { description: 'What happens when a step fails, in sentences' }),
  },
  { $id: 'TenantPlan' },
);
export type TenantPlan = Static<typeof TenantPlan>;
