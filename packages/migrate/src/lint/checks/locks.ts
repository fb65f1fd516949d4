import { isTree } from '../../grammar.ts';
import type { Tree } from '../../grammar.ts';
import { allInside, inside, items, option, text } from '../tree.ts';
import type { World } from '../world/world.ts';
import type { Scene } from './scene.ts';

/** Commands of `ALTER TABLE` that let readers pass; all others take ACCESS EXCLUSIVE. */
const READERS_PASS = new Set([
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ValidateConstraint',
  'AT_AttachPartition',
  'AT_DetachPartitionFinalize',
  'AT_EnableTrig',
  'AT_EnableAlwaysTrig',
  'AT_EnableReplicaTrig',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_DisableTrig',
  'AT_DisableTrigAll',
  'AT_DisableTrigUser',
]);

/** True where a command of `ALTER TABLE` keeps readers away. */
export function locksReaders(command: Tree): boolean {
  const subtype = text(command['subtype']) ?? '';
  if (READERS_PASS.has(subtype)) return false;
  if (subtype === 'AT_AddConstraint')
    return inside(command['def'], 'Constraint')?.['contype'] !== 'CONSTR_FOREIGN';
  if (subtype === 'AT_DetachPartition')
    return inside(command['def'], 'PartitionCmd')?.['concurrent'] !== true;
  return true;
}

/** Notes which tables in use a statement locks against readers; the second one of a file is a finding. */
export function checkLocked(scene: Scene): void {
  const { act, file, report, world } = scene;
  for (const table of lockedBy(act.node, act.tree, world)) {
    if (!world.inUse(table) || file.locked.has(table)) continue;
    file.locked.add(table);
    if (file.filled.has(table)) {
      report(
        'backfill-with-ddl',
        `"${table}" is locked against readers in the file that writes many of its rows`,
      );
    }
    if (file.locked.size !== 2) continue;
    const [first] = file.locked;
    report('many-tables-locked', `"${table}" is locked against readers while "${first}" is`);
  }
}

function lockedBy(node: string, tree: Tree, world: World): readonly string[] {
  const named = (type: string) =>
    tree['removeType'] === type || tree['renameType'] === type
      ? items(tree['objects']).map((object) => world.nameOf(inside(object, 'List')?.['items']))
      : [];
  switch (node) {
    case 'AlterTableStmt': {
      if (tree['objtype'] !== 'OBJECT_TABLE') return [];
      const commands = allInside(tree['cmds'], 'AlterTableCmd');
      return commands.some(locksReaders) ? [world.name(tree['relation'])] : [];
    }
    case 'RenameStmt':
      return tree['renameType'] === 'OBJECT_TABLE' || tree['relationType'] === 'OBJECT_TABLE'
        ? [world.name(tree['relation'])]
        : [];
    case 'DropStmt':
      return named('OBJECT_TABLE').filter(
        (table) => world.relation(table) !== undefined || tree['missing_ok'] !== true,
      );
    case 'TruncateStmt':
      return items(tree['relations']).map((item) => world.name(inside(item, 'RangeVar')));
    case 'LockStmt':
      return tree['mode'] === 8
        ? items(tree['relations']).map((item) => world.name(inside(item, 'RangeVar')))
        : [];
    case 'ClusterStmt':
      return [world.name(tree['relation'])];
    default:
      return [];
  }
}

/** True for a statement that PostgreSQL refuses inside a transaction. */
export function refusesTransaction(node: string, tree: Tree): boolean {
  switch (node) {
    case 'IndexStmt':
      return tree['concurrent'] === true;
    case 'DropStmt':
      return tree['removeType'] === 'OBJECT_INDEX' && tree['concurrent'] === true;
    case 'ReindexStmt':
      return (
        option(tree['params'], 'concurrently') !== undefined ||
        !['REINDEX_OBJECT_TABLE', 'REINDEX_OBJECT_INDEX'].includes(text(tree['kind']) ?? '')
      );
    case 'VacuumStmt':
      return tree['is_vacuumcmd'] === true;
    case 'ClusterStmt':
      return !isTree(tree['relation']);
    case 'AlterTableStmt':
      return items(tree['cmds']).some((item) => {
        const command = inside(item, 'AlterTableCmd');
        return inside(command?.['def'], 'PartitionCmd')?.['concurrent'] === true;
      });
    case 'CreatedbStmt':
    case 'DropdbStmt':
    case 'CreateTableSpaceStmt':
    case 'DropTableSpaceStmt':
    case 'AlterSystemStmt':
    case 'CreateSubscriptionStmt':
    case 'DropSubscriptionStmt':
      return true;
    case 'DiscardStmt':
      return tree['target'] === 'DISCARD_ALL';
    default:
      return false;
  }
}
