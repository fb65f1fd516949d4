import { inside, items, option, text } from '../tree.ts';
import type { Scene } from './scene.ts';

/** `CREATE INDEX`, `DROP INDEX`, `REINDEX` of tables in use. */
export function checkIndexes(scene: Scene): void {
  const { act } = scene;
  if (act.node === 'IndexStmt') checkCreate(scene);
  if (act.node === 'DropStmt' && act.tree['removeType'] === 'OBJECT_INDEX') checkDrop(scene);
  if (act.node === 'ReindexStmt') checkReindex(scene);
}

function checkCreate({ act: { tree }, world, report }: Scene): void {
  const table = world.name(tree['relation']);
  if (tree['concurrent'] === true || !world.inUse(table)) return;
  // ON ONLY makes the parent's index alone, which reads nothing.
  const range = tree['relation'] as { inh?: boolean };
  if (range.inh !== true) return;
  const partitioned = world.relation(table)?.partitioned === true ? ', all its partitions included,' : '';
  report(
    'index-blocks-writes',
    `CREATE INDEX keeps everybody from writing to "${table}"${partitioned} until it is built`,
  );
}

function checkDrop({ act: { tree }, world, file, report }: Scene): void {
  if (tree['concurrent'] === true) return;
  for (const object of items(tree['objects'])) {
    const index = world.nameOf(inside(object, 'List')?.['items']);
    const table = world.relation(index)?.table;
    const unheardOf = tree['missing_ok'] === true && table === undefined;
    if (!world.inUse(table ?? index) || (unheardOf && file.makes.has(index))) continue;
    const of = table === undefined || table === null ? 'its table' : `"${table}"`;
    report(
      'drop-index-locks',
      `DROP INDEX "${index}" keeps everybody from reading ${of} while it waits and until the file is done`,
    );
  }
}

function checkReindex({ act: { tree }, world, report }: Scene): void {
  if (option(tree['params'], 'concurrently') !== undefined) return;
  const kind = tree['kind'];
  if (kind === 'REINDEX_OBJECT_SCHEMA') {
    report(
      'reindex-blocks-writes',
      `REINDEX keeps everybody from writing to the tables of "${text(tree['name']) ?? ''}", one after the other`,
    );
    return;
  }
  if (kind !== 'REINDEX_OBJECT_TABLE' && kind !== 'REINDEX_OBJECT_INDEX') return;
  const name = world.name(tree['relation']);
  const table = kind === 'REINDEX_OBJECT_INDEX' ? (world.relation(name)?.table ?? name) : name;
  if (!world.inUse(table)) return;
  report(
    'reindex-blocks-writes',
    `REINDEX of "${name}" keeps everybody from writing to the table until it is done`,
  );
}
