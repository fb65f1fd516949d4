import { isTree } from '../grammar.ts';
import type { Tree } from '../grammar.ts';
import { refuse } from './observation.ts';
import type { Report } from './observation.ts';
import { allInside, constant, inside, items, location, names, text, walk } from './tree.ts';

const OWN_SCHEMA =
  'Remove it: every migration runs as the schema’s owner with the schema first in search_path.';

/** Settings that a migration may not change, and why. */
const REFUSED_SETTINGS: ReadonlyMap<
  string,
  readonly ['session-role' | 'session-search-path' | 'session-setting', string]
> = new Map([
  ['role', ['session-role', OWN_SCHEMA]],
  ['session_authorization', ['session-role', OWN_SCHEMA]],
  ['search_path', ['session-search-path', OWN_SCHEMA]],
  ['standard_conforming_strings', ['session-setting', "Remove it; write E'…' for strings with escapes."]],
  [
    'session_replication_role',
    ['session-setting', 'Remove it; order the data so that its constraints hold.'],
  ],
]);

/** `SET`, `RESET` and `set_config` that would take the session out of its role, its schema or its language. */
export function reportSession(tree: Tree, node: string, report: Report): void {
  if (node === 'VariableSetStmt') reportSet(tree, report);
  if (node === 'DiscardStmt') {
    report(refuse('session-setting', 'DISCARD resets the session', 'Remove it.'), null);
  }
  const routine = node === 'CreateFunctionStmt' ? 'options' : node === 'AlterFunctionStmt' ? 'actions' : null;
  if (routine !== null) reportRoutineSettings(tree[routine], report);
  walk(
    tree,
    (part, name) => {
      if (name === 'FuncCall') reportSetConfig(part, report);
      if (name === 'UpdateStmt') reportSettingsView(part, report);
    },
    node,
  );
}

function reportSet(tree: Tree, report: Report): void {
  const kind = text(tree['kind']);
  const name = text(tree['name'])?.toLowerCase() ?? '';
  if (kind === 'VAR_RESET_ALL') {
    report(
      refuse('session-search-path', 'RESET ALL changes search_path', 'RESET the one setting that is meant.'),
      null,
    );
    return;
  }
  if (kind === 'VAR_SET_MULTI') {
    if (name.startsWith('transaction') || name.startsWith('session characteristics')) {
      report(
        refuse('transaction-control', `SET ${name.toUpperCase()} changes the transaction`, 'Remove it.'),
        null,
      );
    }
    return;
  }
  if (name === 'client_encoding' && !isUtf8(tree)) {
    report(
      refuse('session-setting', 'SET client_encoding', 'Save the file as UTF-8 and remove the line.'),
      null,
    );
    return;
  }
  const refused = REFUSED_SETTINGS.get(name);
  if (refused === undefined) return;
  if (name === 'standard_conforming_strings' && constant(items(tree['args'])[0])?.toLowerCase() === 'on')
    return;
  report(refuse(refused[0], `${kind === 'VAR_RESET' ? 'RESET' : 'SET'} ${name}`, refused[1]), null);
}

/** The role of a routine's own, which it takes from whoever may: the session's role, not the caller's, is asked. */
function reportRoutineSettings(options: unknown, report: Report): void {
  for (const element of allInside(options, 'DefElem')) {
    const set = inside(element['arg'], 'VariableSetStmt');
    const name = text(set?.['name'])?.toLowerCase() ?? '';
    const refused = REFUSED_SETTINGS.get(name);
    if (refused?.[0] !== 'session-role' || set?.['kind'] === 'VAR_RESET') continue;
    report(
      refuse('session-role', `SET ${name} of a routine`, 'Remove it; use SECURITY DEFINER.'),
      location(element),
    );
  }
}

/** The view pg_settings can be updated, which sets what it shows. */
function reportSettingsView(update: Tree, report: Report): void {
  const relation = update['relation'];
  if (!isTree(relation) || relation['relname'] !== 'pg_settings') return;
  report(
    refuse('session-role', 'UPDATE of pg_settings', 'Use SET LOCAL for the setting that is meant.'),
    location(relation),
  );
}

function isUtf8(tree: Tree): boolean {
  const value = constant(items(tree['args'])[0])?.toLowerCase().replaceAll(/[-_]/g, '');
  return value === 'utf8' || value === 'unicode' || tree['kind'] === 'VAR_RESET';
}

function reportSetConfig(call: Tree, report: Report): void {
  if (names(call['funcname']).at(-1) !== 'set_config') return;
  const first = items(call['args'])[0];
  const name = (constant(first) ?? constant(inside(first, 'TypeCast')?.['arg']))?.toLowerCase();
  const refused = name === undefined ? undefined : REFUSED_SETTINGS.get(name);
  if (refused === undefined) return;
  report(refuse(refused[0], `set_config('${name}', …)`, refused[1]), location(call));
}
