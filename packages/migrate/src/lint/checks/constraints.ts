import type { Tree } from '../../grammar.ts';
import { inside, location, text } from '../tree.ts';
import { columnConstraints } from '../world/relation.ts';
import type { Scene } from './scene.ts';

/** One command of an `ALTER TABLE` of a table in use that is about a constraint. */
export function checkConstraint(command: Tree, table: string, scene: Scene): void {
  const { world, report } = scene;
  if (command['subtype'] === 'AT_AddConstraint') {
    const constraint = inside(command['def'], 'Constraint');
    if (constraint !== undefined) checkAdded(constraint, table, true, scene);
  }
  if (command['subtype'] === 'AT_AddColumn') {
    const definition = inside(command['def'], 'ColumnDef');
    const constraints = definition === undefined ? [] : columnConstraints(definition);
    // A new column is null in every row, so that a foreign key has nothing to look up.
    const filled = constraints.some(
      ({ contype }) => contype === 'CONSTR_DEFAULT' || contype === 'CONSTR_GENERATED',
    );
    for (const constraint of constraints) checkAdded(constraint, table, filled, scene);
  }
  if (command['subtype'] === 'AT_ValidateConstraint') {
    const name = text(command['name']) ?? '';
    const known = world.relation(table)?.constraints.get(name);
    if (known === undefined || known.validated || known.file !== world.file) return;
    report(
      'validate-in-same-file',
      `"${name}" is validated in the file that adds it, while the lock of the ADD on "${table}" is held`,
    );
  }
}

function checkAdded(constraint: Tree, table: string, filled: boolean, { report }: Scene): void {
  const at = location(constraint);
  const skips = constraint['skip_validation'] === true || constraint['is_enforced'] === false;
  switch (constraint['contype']) {
    case 'CONSTR_CHECK':
      if (!skips && constraint['is_enforced'] === true)
        report('check-scans', `CHECK reads all of "${table}" while nobody else can`, at);
      return undefined;
    case 'CONSTR_NOTNULL':
      // In the definition of a column it is that column's matter.
      if (!skips && constraint['keys'] !== undefined)
        report('check-scans', `NOT NULL reads all of "${table}" while nobody else can`, at);
      return undefined;
    case 'CONSTR_FOREIGN':
      if (!skips && filled && constraint['is_enforced'] === true)
        report(
          'foreign-key-scans',
          `the foreign key looks up every row of "${table}" while nobody can write to either table`,
          at,
        );
      return undefined;
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY': {
      const what = constraint['contype'] === 'CONSTR_UNIQUE' ? 'UNIQUE' : 'PRIMARY KEY';
      if (constraint['indexname'] === undefined)
        report('unique-builds-index', `${what} builds its index while nobody can read "${table}"`, at);
      return undefined;
    }
    case 'CONSTR_EXCLUSION':
      return report(
        'exclusion-builds-index',
        `EXCLUDE builds its index while nobody can read "${table}"`,
        at,
      );
    default:
      return undefined;
  }
}
