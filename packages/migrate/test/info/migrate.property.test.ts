import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { AppliedMigration } from '../../src/history/types.ts';
import type { MigrationInfo } from '../../src/info/list.ts';
import { validateMigrations } from '../../src/info/validate.ts';
import { defaultSettings } from '../../src/settings.ts';
import { describeAll, lines } from '../support/resolved.ts';

/** Names of different migrations; some versions and descriptions come in several kinds. */
const names = fc.uniqueArray(
  fc.oneof(
    fc.nat({ max: 12 }).map((n) => `V${n}__v${n}.sql`),
    fc.nat({ max: 12 }).map((n) => `B${n}__b${n}.sql`),
    fc.nat({ max: 5 }).map((n) => `R__r${n}.sql`),
  ),
  { maxLength: 12 },
);

function rowOf(
  { version, description, type, script, checksum }: MigrationInfo,
  rank: number,
): AppliedMigration {
  return {
    installedRank: rank,
    version,
    description,
    type,
    script,
    checksum,
    installedBy: 'ada',
    installedOn: new Date(0),
    executionTime: 0,
    success: true,
  };
}

function migrated(files: readonly string[], rows: readonly AppliedMigration[], outOfOrder: boolean) {
  const pending = describeAll(files, rows, { outOfOrder }).pending();
  return [...rows, ...pending.map((entry, i) => rowOf(entry, rows.length + i + 1))];
}

it('what is pending is applied once: then nothing is, and all agrees', () => {
  fc.assert(
    fc.property(names, names, fc.boolean(), (first, more, outOfOrder) => {
      const before = migrated(first, [], outOfOrder);
      const files = [...new Set([...first, ...more])];
      const rows = migrated(files, before, outOfOrder);
      const list = describeAll(files, rows, { outOfOrder });
      expect(list.pending()).toEqual([]);
      const { invalid } = validateMigrations(list, {
        ...defaultSettings,
        ignoreMigrationPatterns: ['*:ignored'],
      });
      expect(invalid).toEqual([]);
    }),
  );
});

it('the order does not depend on the order in which files are found', () => {
  fc.assert(
    fc.property(
      names.chain((files) =>
        fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length })),
      ),
      fc.nat({ max: 6 }),
      ([files, shuffled], some) => {
        const rows = migrated(files.slice(0, some), [], false);
        expect(lines(describeAll(shuffled, rows))).toEqual(lines(describeAll(files, rows)));
      },
    ),
  );
});

it('any history at all is read, or refused with a code', () => {
  const row = fc.record({
    version: fc.oneof(fc.constant(null), fc.constantFrom('1', '2', '2.0', '10')),
    description: fc.constantFrom('a', 'b', ''),
    type: fc.constantFrom('SQL', 'JDBC', 'DELETE', 'BASELINE', 'SCHEMA', 'UNDO_SQL', 'SQL_BASELINE', 'NEW'),
    checksum: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 2 })),
    success: fc.boolean(),
  });
  fc.assert(
    fc.property(names, fc.array(row, { maxLength: 12 }), (files, some) => {
      const rows = some.map((each, i) => ({ ...rowOf({ script: 's' } as MigrationInfo, i + 1), ...each }));
      let list;
      try {
        list = describeAll(files, rows);
      } catch (error) {
        expect(error).toMatchObject({ code: 'MIGRATION_HISTORY_UNREADABLE' });
        return;
      }
      const versionedMarkers = rows.filter(
        ({ type, version }) => type === 'DELETE' && version !== null,
      ).length;
      expect(list.entries.filter(({ rank }) => rank !== undefined)).toHaveLength(
        rows.length - versionedMarkers,
      );
      validateMigrations(list, defaultSettings);
    }),
  );
});
