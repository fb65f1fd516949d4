import { isTree } from '../../grammar.ts';
import type { Tree } from '../../grammar.ts';
import { inside, items } from '../tree.ts';
import type { Scene } from './scene.ts';
import { isOn } from './scene.ts';

const REWRITES: ReadonlyMap<unknown, string> = new Map([
  ['AT_SetLogged', 'SET LOGGED'],
  ['AT_SetUnLogged', 'SET UNLOGGED'],
  ['AT_SetTableSpace', 'SET TABLESPACE'],
  ['AT_SetAccessMethod', 'SET ACCESS METHOD'],
]);

/** One command of an `ALTER TABLE` of a table in use that is about the table as a whole. */
export function checkTableCommand(command: Tree, table: string, { world, report }: Scene): void {
  const rewrite = REWRITES.get(command['subtype']);
  if (rewrite !== undefined) {
    report('table-rewrites', `${rewrite} copies "${table}" while nobody can read it`);
  }
  const partition = inside(command['def'], 'PartitionCmd');
  const name = world.name(partition?.['name']);
  if (command['subtype'] === 'AT_DetachPartition' && partition?.['concurrent'] !== true) {
    report(
      'detach-partition-locks',
      `DETACH PARTITION "${name}" keeps everybody from reading "${table}" while it waits`,
    );
  }
  if (command['subtype'] === 'AT_AttachPartition' && world.inUse(name)) {
    const checked = [...(world.relation(name)?.constraints.values() ?? [])].some(
      ({ kind, validated }) => kind === 'CONSTR_CHECK' && validated,
    );
    if (!checked)
      report('attach-partition-scans', `ATTACH PARTITION reads all of "${name}" while nobody else can`);
  }
}

/** Modes of LOCK TABLE as PostgreSQL numbers them. From SHARE on, writers wait. */
const LOCK_MODES: ReadonlyMap<unknown, string> = new Map([
  [5, 'SHARE'],
  [6, 'SHARE ROW EXCLUSIVE'],
  [7, 'EXCLUSIVE'],
  [8, 'ACCESS EXCLUSIVE'],
]);

/** Statements other than `ALTER TABLE` that lock a whole table. */
export function checkTables({ act: { node, tree }, world, report }: Scene): void {
  const inUse = (ranges: readonly unknown[]) =>
    ranges.map((r) => world.name(r)).filter((n) => world.inUse(n));
  const listed = (list: unknown, type: string) => inUse(items(list).map((item) => inside(item, type)));
  if (node === 'ClusterStmt' && isTree(tree['relation'])) {
    for (const table of inUse([tree['relation']]))
      report('cluster-rewrites', `CLUSTER copies "${table}" while nobody can read it`);
  }
  if (node === 'VacuumStmt' && tree['is_vacuumcmd'] === true && isOn(tree['options'], 'full')) {
    const ranges = items(tree['rels']).map((item) => inside(item, 'VacuumRelation')?.['relation']);
    for (const table of inUse(ranges))
      report('vacuum-full-rewrites', `VACUUM FULL copies "${table}" while nobody can read it`);
  }
  const mode = node === 'LockStmt' ? LOCK_MODES.get(tree['mode']) : undefined;
  if (mode !== undefined) {
    for (const table of listed(tree['relations'], 'RangeVar'))
      report('lock-table', `"${table}" is locked in ${mode} mode until the file is done`);
  }
  if (node === 'TruncateStmt') {
    for (const table of listed(tree['relations'], 'RangeVar'))
      report(
        'truncate',
        `TRUNCATE empties "${table}" and keeps everybody from reading it until the file is done`,
      );
  }
  if (node === 'RefreshMatViewStmt' && tree['concurrent'] !== true && tree['skipData'] !== true) {
    for (const view of inUse([tree['relation']]))
      report('refresh-blocks-reads', `nobody can read "${view}" until its query is done`);
  }
  if (node === 'CreateStmt' && tree['partbound'] !== undefined) {
    for (const parent of listed(tree['inhRelations'], 'RangeVar'))
      report(
        'create-partition-locks',
        `PARTITION OF keeps everybody from reading "${parent}" while it waits and until the file is done`,
      );
  }
}

/** `SET lock_timeout = 0`, which is also the default of a dump. */
export function checkTimeout({ act: { node, tree }, report }: Scene): void {
  if (node !== 'VariableSetStmt' || tree['name'] !== 'lock_timeout') return;
  const value = inside(items(tree['args'])[0], 'A_Const');
  const said = /^\{"(ival":\{("ival":0)?\}|sval":\{"sval":"0\D*"\})/.test(JSON.stringify(value ?? null));
  if (said)
    report(
      'lock-timeout-off',
      'a statement that waits for a lock waits for ever, and all queries wait behind it',
    );
}
