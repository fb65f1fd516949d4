import { expect, it } from 'vitest';

import { toJson, toTable } from '../../src/info/render.ts';
import { describeAll, history } from '../support/resolved.ts';

const files = ['V1__tables.sql', 'U1__tables.sql', 'V2__größe.sql', 'R__views.sql'];
const list = describeAll(files, history('SCHEMA - << Flyway Schema Creation >>', 'SQL 1 tables'));

it('a table of seven columns', () => {
  expect(toTable(list)).toBe(
    [
      '+------------+---------+------------------------------+--------+---------------------+---------+----------+',
      '| Category   | Version | Description                  | Type   | Installed On        | State   | Undoable |',
      '+------------+---------+------------------------------+--------+---------------------+---------+----------+',
      '|            |         | << Flyway Schema Creation >> | SCHEMA | 2024-01-31 08:05:00 | Success |          |',
      '| Versioned  | 1       | tables                       | SQL    | 2024-01-31 08:05:01 | Success | Yes      |',
      '| Versioned  | 2       | größe                        | SQL    |                     | Pending | No       |',
      '| Repeatable |         | views                        | SQL    |                     | Pending |          |',
      '+------------+---------+------------------------------+--------+---------------------+---------+----------+',
    ].join('\n'),
  );
});

it('a table of nothing', () => {
  const [ruler = '', , , nothing = ''] = toTable(describeAll([])).split('\n');
  expect(nothing).toMatch(/^\| No migrations found +\|$/);
  expect(nothing).toHaveLength(ruler.length);
});

it('a document in the shape of Flyway', () => {
  const document = toJson(list, { schemaName: 'shop', database: 'app', allSchemasEmpty: false });
  expect(document).toMatchObject({
    schemaVersion: '1',
    schemaName: 'shop',
    database: 'app',
    operation: 'info',
  });
  expect(document.migrations[1]).toEqual({
    category: 'Versioned',
    version: '1',
    rawVersion: '1',
    description: 'tables',
    type: 'SQL',
    installedOnUTC: new Date(2024, 0, 31, 8, 5, 1).toISOString(),
    state: 'Success',
    undoable: 'Yes',
    filepath: '/sql/V1__tables.sql',
    undoFilepath: '/sql/U1__tables.sql',
    installedBy: 'ada',
    executionTime: 10,
  });
  expect(document.migrations[3]).toMatchObject({ category: 'Repeatable', version: '', installedOnUTC: '' });
});

it('a schema without a version', () => {
  const about = { schemaName: 'shop', database: 'app', allSchemasEmpty: true };
  expect(toJson(describeAll(['V1__a.sql']), about)).toMatchObject({
    schemaVersion: null,
    allSchemasEmpty: true,
  });
});
