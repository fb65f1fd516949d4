import { MigrateError } from '../errors.ts';
import type { MigrateSettings } from '../settings.ts';
import { readLocation } from './location.ts';
import type { Location } from './location.ts';
import { scan } from './scan.ts';
import type { FoundFile } from './scan.ts';

/**
 * Every file of the locations. As in Flyway a location inside another one is left out with a warning, so that the script
 * column does not depend on the order in which they are named.
 *
 * @param logs takes what Flyway would log
 * @throws MigrateError MIGRATIONS_MISSING where a location is absent and `failOnMissingLocations` is on
 */
export async function findFiles(
  texts: readonly string[],
  { workingDirectory, failOnMissingLocations }: MigrateSettings,
  logs: string[],
): Promise<readonly FoundFile[]> {
  const locations = await Promise.all(
    texts.filter((text) => text.trim() !== '').map((text) => readLocation(text, workingDirectory)),
  );
  const found = new Map<string, FoundFile>();
  for (const location of withoutNested(locations, logs)) {
    if (location.obstacle !== null) {
      if (failOnMissingLocations) throw absent(location);
      logs.push(`ERROR ${unusable(location, 'Skipping')}`);
      continue;
    }
    for (const file of await scan(location)) {
      if (!found.has(file.path)) found.set(file.path, file);
    }
  }
  return [...found.values()];
}

function withoutNested(locations: readonly Location[], logs: string[]): readonly Location[] {
  const kept: Location[] = [];
  for (const location of locations.toSorted((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))) {
    if (kept.some(({ text }) => text === location.text)) {
      logs.push(`WARN Discarding duplicate location '${location.text}'`);
      continue;
    }
    const parent = kept.find((other) => isInside(location, other));
    if (parent === undefined) kept.push(location);
    else logs.push(`WARN Discarding location '${location.text}' as it is a sub-location of '${parent.text}'`);
  }
  return kept;
}

function isInside(location: Location, other: Location): boolean {
  return location.pattern === null && other.pattern === null && location.root.startsWith(`${other.root}/`);
}

function unusable({ scheme, root, text, obstacle }: Location, verb: 'Skipping' | 'Failed to find'): string {
  if (scheme === 'classpath') return `Unable to resolve location ${text}.`;
  return `${verb} filesystem location: ${root} (${obstacle})`;
}

function absent(location: Location): MigrateError {
  return new MigrateError('MIGRATIONS_MISSING', unusable(location, 'Failed to find'), {
    flywayCode: 'ERROR',
    hint: 'Name a directory that holds migrations such as V1__create_tables.sql.',
  });
}
