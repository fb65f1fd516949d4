import type { Tree } from '../../grammar.ts';
import { inside, items, text } from '../tree.ts';
import { functionName } from './scene.ts';
import type { Scene } from './scene.ts';

const KINDS: ReadonlyMap<unknown, string> = new Map([
  ['OBJECT_VIEW', 'view'],
  ['OBJECT_MATVIEW', 'materialized view'],
  ['OBJECT_SEQUENCE', 'sequence'],
  ['OBJECT_FUNCTION', 'function'],
  ['OBJECT_PROCEDURE', 'procedure'],
  ['OBJECT_ROUTINE', 'routine'],
  ['OBJECT_AGGREGATE', 'aggregate'],
  ['OBJECT_TYPE', 'type'],
  ['OBJECT_DOMAIN', 'domain'],
  ['OBJECT_ATTRIBUTE', 'attribute of the type'],
]);

/** `DROP` and `RENAME` of what the previous version of the application may use. An undo is there to remove. */
export function checkCompatibility(scene: Scene): void {
  if (scene.file.kind === 'undo') return;
  if (scene.act.node === 'DropStmt') checkDrop(scene);
  if (scene.act.node === 'RenameStmt') checkRename(scene);
  if (scene.act.node === 'AlterEnumStmt') checkEnum(scene);
}

/** `DROP COLUMN` of a table in use. */
export function checkDroppedColumn(command: Tree, table: string, { file, report, world }: Scene): void {
  if (command['subtype'] !== 'AT_DropColumn' || file.kind === 'undo') return;
  const column = text(command['name']) ?? '';
  // IF EXISTS of a column that the files know to be gone, or never to have been there, says nothing.
  const known = world.relation(table)?.columns;
  if (command['missing_ok'] === true && (known?.size ?? 0) > 0 && known?.has(column) === false) return;
  report(
    'drop-column',
    `"${table}"."${column}" and its values are gone for the previous version of the application`,
  );
}

function checkDrop(scene: Scene): void {
  const { act, world, file, report } = scene;
  const { tree } = act;
  const type = tree['removeType'];
  for (const object of items(tree['objects'])) {
    const name = objectName(object, scene);
    if (type === 'OBJECT_TABLE') {
      const unheardOf = tree['missing_ok'] === true && world.relation(name) === undefined;
      if (!world.inUse(name) || (unheardOf && file.makes.has(name))) continue;
      report('drop-table', `"${name}" and its rows are gone for the previous version of the application`);
      continue;
    }
    const kind = KINDS.get(type);
    if (kind === undefined || file.makes.has(name) || isNew(name, type, scene)) continue;
    report('drop-object', `the ${kind} "${name}" is gone for the previous version of the application`);
  }
}

function objectName(object: unknown, { world }: Scene): string {
  const list = inside(object, 'List')?.['items'];
  if (list !== undefined) return world.nameOf(list);
  const type = inside(object, 'TypeName');
  return world.nameOf(type === undefined ? functionName(object) : type['names']);
}

function isNew(name: string, type: unknown, { world }: Scene): boolean {
  if (type === 'OBJECT_VIEW' || type === 'OBJECT_MATVIEW' || type === 'OBJECT_SEQUENCE')
    return !world.inUse(name);
  if (type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN') return world.isNew(world.type(name));
  return world.isNew(world.function(name));
}

function checkRename(scene: Scene): void {
  const { act, world, file, report } = scene;
  const { tree } = act;
  const type = tree['renameType'];
  const to = text(tree['newname']) ?? '';
  const name =
    tree['relation'] === undefined ? objectName(tree['object'], scene) : world.name(tree['relation']);
  if (type === 'OBJECT_TABLE' || type === 'OBJECT_VIEW' || type === 'OBJECT_MATVIEW') {
    if (world.inUse(name) && !file.makes.has(name))
      report('rename-table', `the previous version of the application knows "${to}" as "${name}"`);
  } else if (type === 'OBJECT_COLUMN') {
    const column = text(tree['subname']) ?? '';
    if (world.inUse(name))
      report(
        'rename-column',
        `the previous version of the application knows "${name}"."${to}" as "${column}"`,
      );
  } else {
    const kind = KINDS.get(type);
    if (kind === undefined || isNew(name, type === 'OBJECT_ATTRIBUTE' ? 'OBJECT_TYPE' : type, scene)) return;
    report(
      'rename-object',
      `the previous version of the application knows the ${kind} "${to}" by its old name`,
    );
  }
}

function checkEnum({ act: { tree }, world, report }: Scene): void {
  const from = text(tree['oldVal']);
  const name = world.nameOf(tree['typeName']);
  if (from === undefined || world.isNew(world.type(name))) return;
  report(
    'rename-object',
    `the previous version of the application knows "${text(tree['newVal']) ?? ''}" of "${name}" as "${from}"`,
  );
}
