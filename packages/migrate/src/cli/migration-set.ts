import type { MigrationSet } from '../load.ts';
import type { Resolution, ResolvedMigration } from '../resolve/types.ts';
import { compareVersions } from '../version.ts';

/** Resolved migrations as the linter and the fast path of an empty schema take them, in the same order. */
export function migrationSet(
  locations: readonly string[],
  { migrations }: Resolution,
  wanted: (migration: ResolvedMigration) => boolean,
  textOf: (migration: ResolvedMigration) => string,
): MigrationSet {
  const chosen = migrations.filter(
    (migration) => (migration.kind === 'versioned' || migration.kind === 'repeatable') && wanted(migration),
  );
  return {
    locations,
    migrations: chosen.map((migration) => ({
      kind: migration.kind === 'repeatable' ? 'repeatable' : 'versioned',
      version: migration.version,
      description: migration.description,
      script: migration.script,
      path: migration.path,
      checksum: migration.equivalentChecksum,
      sql: textOf(migration),
      type: 'SQL',
    })),
    ignored: [],
    fingerprint: '',
    schemaVersion: highest(chosen.map(({ version }) => version)),
  };
}

function highest(versions: readonly (string | null)[]): string | null {
  return versions.reduce(
    (best, version) =>
      version !== null && (best === null || compareVersions(version, best) > 0) ? version : best,
    null,
  );
}
