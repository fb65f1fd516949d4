import { allInside } from '../tree.ts';
import { applyCommand, applyStatement } from '../world/apply.ts';
import { checkColumn } from './columns.ts';
import { checkCompatibility, checkDroppedColumn } from './compatibility.ts';
import { checkConstraint } from './constraints.ts';
import { checkData } from './data.ts';
import { checkIndexes } from './indexes.ts';
import { checkLocked } from './locks.ts';
import type { Check, Scene } from './scene.ts';
import { checkRowSecurity, checkSecurity } from './security.ts';
import { checkStyle } from './style.ts';
import { checkTableCommand, checkTables, checkTimeout } from './tables.ts';

const CHECKS: readonly Check[] = [
  checkIndexes,
  checkTables,
  checkTimeout,
  checkCompatibility,
  checkSecurity,
  checkStyle,
  checkLocked,
  checkData,
];

/** Judges one statement against what is known before it, then notes what it does. */
export function checkStatement(scene: Scene): void {
  for (const check of CHECKS) check(scene);
  if (scene.act.node === 'AlterTableStmt') checkCommands(scene);
  else applyStatement(scene.act.tree, scene.act.node, scene.world);
}

/** Command by command, because a later one finds what an earlier one did. */
function checkCommands(scene: Scene): void {
  const { act, world } = scene;
  const table = world.name(act.tree['relation']);
  const isTable = act.tree['objtype'] === 'OBJECT_TABLE';
  for (const command of allInside(act.tree['cmds'], 'AlterTableCmd')) {
    if (isTable && world.inUse(table)) {
      checkColumn(command, table, scene);
      checkConstraint(command, table, scene);
      checkTableCommand(command, table, scene);
      checkDroppedColumn(command, table, scene);
      checkRowSecurity(command, table, scene);
    }
    if (isTable) applyCommand(command, table, world);
  }
}
