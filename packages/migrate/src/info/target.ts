import { MigrateError } from '../errors.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import { versionParts } from '../version.ts';
import { isAt } from './facts.ts';
import type { Facts } from './facts.ts';
import { stateOfFile } from './state-of.ts';

/** Below any version that a file can have. */
const NOTHING = String(-(10n ** 60n));

/**
 * The version up to which files are run; null where there is no limit. `next` is the lowest that is pending, and a version
 * with `?` behind it need not exist.
 *
 * @param open files that are not applied, in their order
 * @throws MigrateError MIGRATION_TARGET_MISSING
 */
export function targetOf(
  target: string,
  facts: Facts,
  open: readonly ResolvedMigration[],
  outOfOrder: boolean,
): string | null {
  const text = target.trim();
  switch (text.toLowerCase()) {
    case '':
    case 'latest':
      return null;
    case 'current':
      return facts.lastApplied ?? NOTHING;
    case 'next':
      return open.find((file) => stateOfFile(file, facts, null, outOfOrder) === 'PENDING')?.version ?? null;
    default: {
      const version = text.replace(/\?$/, '').replaceAll('_', '.');
      if (versionParts(version) === null) throw missing(version);
      if (!text.endsWith('?') && !isKnown(version, facts, open)) throw missing(version);
      return version;
    }
  }
}

function isKnown(version: string, { rows }: Facts, open: readonly ResolvedMigration[]): boolean {
  return (
    open.some((file) => isAt(file.version, version)) ||
    rows.some(({ applied }) => isAt(applied.version, version))
  );
}

function missing(version: string): MigrateError {
  return new MigrateError(
    'MIGRATION_TARGET_MISSING',
    `No migration with a target version ${version} could be found. Ensure target is specified correctly and the migration exists.`,
    {
      flywayCode: 'ERROR',
      hint: `"${version}?" is content where no such version exists; latest, current and next are words.`,
    },
  );
}
