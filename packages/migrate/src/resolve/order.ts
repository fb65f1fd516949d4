import { compareVersions } from '../version.ts';
import type { ResolvedCallback, ResolvedMigration } from './types.ts';

/** Strings as Java sorts them: by UTF-16 units, as `<` does. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Flyway's order: versions first, a baseline behind the migration of its version; then repeatables by description. */
export function migrationOrder(a: ResolvedMigration, b: ResolvedMigration): number {
  if (a.version !== null && b.version !== null) {
    return (
      compareVersions(a.version, b.version) || Number(a.kind === 'baseline') - Number(b.kind === 'baseline')
    );
  }
  if (a.version !== null || b.version !== null) return a.version !== null ? -1 : 1;
  return compareText(a.description, b.description);
}

/** By event, then by description; the one without a description comes first. */
export function callbackOrder(a: ResolvedCallback, b: ResolvedCallback): number {
  return compareText(a.event, b.event) || compareText(a.description, b.description);
}
