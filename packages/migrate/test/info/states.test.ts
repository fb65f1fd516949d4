import { describe, expect, it } from 'vitest';

import { describeAll, file, history, lines } from '../support/resolved.ts';

describe('the state of a row', () => {
  it.each([
    [
      'of a file that is gone, below the latest file',
      ['V1__a.sql', 'V3__c.sql'],
      'SQL 2 b',
      'MISSING_SUCCESS',
    ],
    ['of a file that is gone, above all files', ['V1__a.sql'], 'SQL 2 b', 'FUTURE_SUCCESS'],
    ['that failed, its file gone below', ['V3__c.sql'], 'SQL 2 b!', 'MISSING_FAILED'],
    ['that failed, its file gone above', ['V1__a.sql'], 'SQL 2 b!', 'FUTURE_FAILED'],
    ['that failed', ['V2__b.sql'], 'SQL 2 b!', 'FAILED'],
    ['of another spelling', ['V002.0__b.sql'], 'SQL 2 b', 'SUCCESS'],
    ['of a repeatable that is gone', [], 'SQL - v', 'MISSING_SUCCESS'],
    ['of a baseline', ['V2__b.sql'], 'BASELINE 2 b', 'BASELINE'],
    ['of a baseline migration', ['B2__b.sql'], 'SQL_BASELINE 2 b', 'BASELINE'],
    ['of a baseline migration that failed', ['B2__b.sql'], 'SQL_BASELINE 2 b!', 'FAILED'],
    ['of a baseline migration that is gone', ['V3__c.sql'], 'SQL_BASELINE 2 b', 'MISSING_SUCCESS'],
    [
      'with the name that older versions gave to a baseline',
      ['B2__b.sql'],
      'SQL_STATE_SCRIPT 2 b',
      'BASELINE',
    ],
    ['of code, its place taken by SQL', ['V2__b.sql'], 'JDBC 2 b', 'FUTURE_SUCCESS'],
  ])('%s', (_, files, row, state) => {
    expect(describeAll(files, history(row)).entries.find(({ rank }) => rank === 1)?.state).toBe(state);
  });

  it('of a repeatable depends on the latest run of its description', () => {
    const rows = history('SQL - v', 'SQL - v', 'SQL - w');
    expect(lines(describeAll(['R__v.sql', file('R__w.sql', 2)], rows))).toEqual([
      '1 · v: SUPERSEDED',
      '2 · v: SUCCESS',
      '3 · w: OUTDATED',
      '· · w: PENDING',
    ]);
  });

  it('agrees with the checksum of the raw text, and with none at all', () => {
    const replaced = { ...file('R__v.sql', 5), equivalentChecksum: 1 };
    expect(lines(describeAll([replaced], history('SQL - v')))).toEqual(['1 · v: SUCCESS']);
    const [row] = history('SQL - v');
    const rows = row === undefined ? [] : [{ ...row, checksum: null }];
    expect(lines(describeAll([file('R__v.sql', 7)], rows))).toEqual(['1 · v: SUCCESS']);
  });

  it('is out of order behind the same or a higher version', () => {
    const rows = history('SQL 3 c', 'SQL 1 a', 'JDBC 2 b', 'SQL 2 b', 'SQL 4 d');
    const files = ['V1__a.sql', 'V2__b.sql', 'V3__c.sql', 'V4__d.sql'];
    expect(lines(describeAll(files, rows))).toEqual([
      '1 3 c: SUCCESS',
      '2 1 a: OUT_OF_ORDER',
      '3 2 b: MISSING_SUCCESS',
      '4 2 b: OUT_OF_ORDER',
      '5 4 d: SUCCESS',
    ]);
  });

  it('a deleted migration is pending again, and may be applied again', () => {
    const rows = history('SQL 1 a', 'SQL 2 b', 'DELETE 2 b');
    const files = ['V1__a.sql', 'V2__b.sql'];
    expect(lines(describeAll(files, rows))).toEqual(['1 1 a: SUCCESS', '2 2 b: DELETED', '· 2 b: PENDING']);
    const again = history('SQL 1 a', 'SQL 2 b', 'DELETE 2 b', 'SQL 2 b');
    expect(lines(describeAll(files, again))).toEqual(['1 1 a: SUCCESS', '2 2 b: DELETED', '4 2 b: SUCCESS']);
  });

  it('two markers for one row are a history that nobody can read', () => {
    const rows = history('SQL 1 a', 'DELETE 1 a', 'DELETE 1 a');
    expect(() => describeAll(['V1__a.sql'], rows)).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_HISTORY_UNREADABLE',
        flywayCode: 'DUPLICATE_DELETED_MIGRATION',
        message: 'Corrupted schema history: multiple delete entries for version 1',
      }),
    );
  });

  it('an undo that the paid edition recorded is read', () => {
    const rows = history('SQL 1 a', 'SQL 2 b', 'UNDO_SQL 2 b', 'SQL 2 b', 'UNDO_SQL 2 b');
    const list = describeAll(['V1__a.sql', 'V2__b.sql', 'U2__b.sql'], rows);
    expect(lines(list)).toEqual([
      '1 1 a: SUCCESS',
      '2 2 b: UNDONE',
      '3 2 b: SUCCESS',
      '4 2 b: UNDONE',
      '5 2 b: SUCCESS',
      '· 2 b: PENDING',
    ]);
    expect(list.current?.version).toBe('1');
  });
});

describe('the state of a file', () => {
  it.each([
    [
      'nothing is applied',
      [],
      ['· 1 a: BELOW_BASELINE', '· 2 b: BASELINE_IGNORED', '· 2 base: PENDING', '· 3 c: PENDING'],
    ],
    [
      'only repeatables are applied',
      ['SQL - v'],
      [
        '· 1 a: BELOW_BASELINE',
        '· 2 b: BASELINE_IGNORED',
        '1 · v: MISSING_SUCCESS',
        '· 2 base: PENDING',
        '· 3 c: PENDING',
      ],
    ],
    [
      'all is deleted again',
      ['SQL 1 a', 'DELETE 1 a'],
      [
        '· 1 a: BELOW_BASELINE',
        '· 2 b: BASELINE_IGNORED',
        '1 1 a: DELETED',
        '· 2 base: PENDING',
        '· 3 c: PENDING',
      ],
    ],
    [
      'something is applied',
      ['SQL 1 a'],
      ['1 1 a: SUCCESS', '· 2 b: PENDING', '· 2 base: IGNORED', '· 3 c: PENDING'],
    ],
    [
      'the same baseline is in the history',
      ['BASELINE 2 x'],
      [
        '· 1 a: BELOW_BASELINE',
        '· 2 b: BASELINE_IGNORED',
        '· 2 base: BASELINE_IGNORED',
        '1 2 x: BASELINE',
        '· 3 c: PENDING',
      ],
    ],
  ])('beside a baseline file, when %s', (_, rows, expected) => {
    const files = ['V1__a.sql', 'V2__b.sql', 'B2__base.sql', 'V3__c.sql'];
    expect(lines(describeAll(files, history(...rows)))).toEqual(expected);
  });

  it('the highest baseline file is run, however low the target', () => {
    const files = ['B1__x.sql', 'B3__y.sql', 'V2__b.sql', 'V4__d.sql'];
    expect(lines(describeAll(files, [], { target: '2' }))).toEqual([
      '· 1 x: BELOW_BASELINE',
      '· 2 b: BELOW_BASELINE',
      '· 3 y: PENDING',
      '· 4 d: ABOVE_TARGET',
    ]);
  });

  it('one that is not to be executed is ignored, and no baseline', () => {
    expect(lines(describeAll(['V1__a.sql', 'B2__base.sql!', 'R__v.sql!']))).toEqual([
      '· 1 a: PENDING',
      '· 2 base: IGNORED',
      '· · v: IGNORED',
    ]);
  });

  it('one below the current version is ignored, or pending out of order', () => {
    const files = ['V1__a.sql', 'V2__b.sql'];
    expect(lines(describeAll(files, history('SQL 2 b')))).toEqual(['1 2 b: SUCCESS', '· 1 a: IGNORED']);
    expect(lines(describeAll(files, history('SQL 2 b'), { outOfOrder: true }))).toEqual([
      '1 2 b: SUCCESS',
      '· 1 a: PENDING',
    ]);
  });
});

describe('target', () => {
  const files = ['V1__a.sql', 'V2__b.sql', 'V3__c.sql', 'R__v.sql'];
  const pending = (target: string, ...rows: string[]) =>
    describeAll(files, history(...rows), { target })
      .pending()
      .map(({ version, description }) => version ?? description);

  it.each([
    ['latest', ['1', '2', '3', 'v']],
    ['Latest', ['1', '2', '3', 'v']],
    ['current', ['v']],
    ['next', ['1', 'v']],
    ['2', ['1', '2', 'v']],
    ['002.0', ['1', '2', 'v']],
    ['2_0', ['1', '2', 'v']],
    ['2.5?', ['1', '2', 'v']],
  ])('%s, with nothing applied', (target, expected) => {
    expect(pending(target)).toEqual(expected);
  });

  it.each([
    ['current', ['v']],
    ['next', ['2', 'v']],
    ['1', ['v']],
  ])('%s, with 1 applied', (target, expected) => {
    expect(pending(target, 'SQL 1 a')).toEqual(expected);
  });

  it('next is the lowest that is missing, out of order', () => {
    const list = describeAll(files, history('SQL 2 b'), { target: 'next', outOfOrder: true });
    expect(list.pending().map(({ description }) => description)).toEqual(['a', 'v']);
  });

  it.each(['99', '2.5', 'two', ''])('"%s"', (target) => {
    const list = () => describeAll(files, [], { target });
    if (target === '') expect(list().pending()).toHaveLength(4);
    else {
      expect(list).toThrow(
        expect.objectContaining({
          code: 'MIGRATION_TARGET_MISSING',
          message: `No migration with a target version ${target} could be found. Ensure target is specified correctly and the migration exists.`,
        }),
      );
    }
  });

  it('a version that only the history knows is one', () => {
    expect(describeAll(['V1__a.sql'], history('SQL 1 a', 'SQL 9 z'), { target: '9' }).entries).toHaveLength(
      2,
    );
  });
});

describe('current', () => {
  it.each([
    [[], undefined],
    [['SCHEMA - <<'], '<<'],
    [['SQL 1 a', 'SQL 3 c', 'SQL 2 b', 'SQL - v'], 'c'],
    [['SQL 1 a', 'SQL 2 b!'], 'b'],
    [['SQL 1 a', 'SQL 2 b', 'DELETE 2 b'], 'a'],
    [['SQL 1 a', 'UNDO_SQL 1 a'], undefined],
    [['SCHEMA - <<', 'SQL - v', 'SQL - w'], 'w'],
    [['BASELINE 5 base'], 'base'],
  ])('of %j', (rows, description) => {
    expect(describeAll([], history(...rows)).current?.description).toBe(description);
  });
});

describe('what can be undone', () => {
  it('has an undo file, is not failed and not gone', () => {
    const files = ['V1__a.sql', 'V2__b.sql', 'V3__c.sql', 'V4__d.sql', 'V5__e.sql', 'R__v.sql'];
    const undo = ['U1__a.sql', 'U2.0__b.sql', 'U3__c.sql', 'U5__e.sql'];
    const rows = history('BASELINE 0 base', 'SQL 1 a', 'SQL 2 b!', 'SQL 3 c', 'SQL - v', 'DELETE 3 c');
    const list = describeAll([...files, ...undo], rows, { outOfOrder: true });
    expect(list.entries.map(({ description, state, undoable }) => [description, state, undoable])).toEqual([
      ['base', 'BASELINE', false],
      ['a', 'SUCCESS', true],
      ['b', 'FAILED', false],
      ['c', 'DELETED', null],
      ['v', 'SUCCESS', null],
      ['c', 'PENDING', true],
      ['d', 'PENDING', false],
      ['e', 'PENDING', true],
    ]);
    expect(list.entries[1]?.undo?.script).toBe('U1__a.sql');
  });
});
