import type { Tree } from '../../grammar.ts';
import { inside, items, names, option, text, walk } from '../tree.ts';
import { functionName, isOn, setsPath } from './scene.ts';
import type { Scene } from './scene.ts';

const UNTRUSTED = new Set([
  'c',
  'internal',
  'plpythonu',
  'plpython2u',
  'plpython3u',
  'plperlu',
  'pltclu',
  'plsh',
  'plr',
]);

/** Functions, views, policies and privileges. */
export function checkSecurity(scene: Scene): void {
  const { act, report } = scene;
  if (act.node === 'CreateFunctionStmt') {
    checkLanguage(act.tree['options'], scene);
    checkDefiner(act.tree['funcname'], act.tree['options'], scene);
  }
  if (act.node === 'DoStmt') checkLanguage(act.tree['args'], scene);
  if (act.node === 'AlterFunctionStmt')
    checkDefiner(functionName(act.tree['func']), act.tree['actions'], scene);
  if (act.node === 'ViewStmt') checkView(scene);
  if (act.node === 'AlterDefaultPrivilegesStmt') {
    report('default-privileges', 'ALTER DEFAULT PRIVILEGES decides who may use what later migrations make');
  }
}

/** `DISABLE` and `NO FORCE ROW LEVEL SECURITY`. */
export function checkRowSecurity(command: Tree, table: string, { report }: Scene): void {
  if (command['subtype'] === 'AT_DisableRowSecurity') {
    report('row-security-off', `the policies of "${table}" hold nobody from now on`);
  }
  if (command['subtype'] === 'AT_NoForceRowSecurity') {
    report('row-security-off', `the policies of "${table}" do not hold its owner from now on`);
  }
}

function checkLanguage(options: unknown, { report }: Scene): void {
  const language = text(inside(option(options, 'language')?.['arg'], 'String')?.['sval'])?.toLowerCase();
  if (language !== undefined && UNTRUSTED.has(language)) {
    report('untrusted-language', `the language "${language}" is not trusted`);
  }
}

function checkDefiner(name: unknown, options: unknown, { world, file, report }: Scene): void {
  const security = option(options, 'security');
  if (inside(security?.['arg'], 'Boolean')?.['boolval'] !== true || setsPath(options)) return;
  const called = world.nameOf(name);
  if (file.fixesPath.has(called)) return;
  report(
    'security-definer-search-path',
    `"${called}" runs as its owner with the search_path of its caller, or with pg_temp before its own`,
  );
}

function checkView({ act: { tree }, world, report }: Scene): void {
  if (isOn(tree['options'], 'security_invoker')) return;
  const ranges: Tree[] = [];
  walk(tree['query'], (part) => {
    if (typeof part['relname'] === 'string') ranges.push(part);
  });
  const [table] = world.guarded(ranges);
  if (table === undefined) return;
  report('view-over-row-security', `the view shows every row of "${table}", whatever its policies say`);
}

/** What every call that `reportCalls` knows has in its name: most files need not be searched for them. */
export const LEAVING_CALL = /dblink|pg_|lo_(im|ex)port/i;
const REMOTE = /^dblink/;
const SERVER_FILE =
  /^(pg_read_file|pg_read_binary_file|pg_stat_file|pg_ls_(dir|logdir|waldir|tmpdir|archive_statusdir|replslotdir|logicalmapdir|logicalsnapdir|summariesdir)|pg_file_(write|rename|unlink|sync)|pg_current_logfile|lo_import|lo_export)$/;

/** Calls of functions that leave the database; in a function's body as well. */
export function reportCalls(
  tree: Tree,
  report: (code: 'remote-access' | 'server-file', message: string, at: Tree) => void,
): void {
  walk(tree, (part, name) => {
    if (name !== 'FuncCall') return;
    const called = names(part['funcname']).at(-1) ?? '';
    if (REMOTE.test(called)) report('remote-access', `${called}() opens a session of its own`, part);
    if (SERVER_FILE.test(called)) report('server-file', `${called}() reaches the server’s disk`, part);
  });
}

const LEAVES =
  /^\s*(?:(?<set>set)\s+(?:session\s+|local\s+)?|reset\s+)(?<what>role|session\s+authorization|search_path|all)\b/i;

/** What an `EXECUTE` whose text is put together would change, by the constant that its text begins with. */
export function leavesBy(expression: Tree): 'session-role' | 'session-search-path' | null {
  const target = inside(items(expression['targetList'])[0], 'ResTarget')?.['val'];
  const { set, what } = LEAVES.exec(leadingText(target) ?? '')?.groups ?? {};
  if (what === undefined) return null;
  if (/^all$/i.test(what)) return set === undefined ? 'session-search-path' : null;
  return /^search_path$/i.test(what) ? 'session-search-path' : 'session-role';
}

/** The constant on the far left of `'…' || x` and of `format('…', x)`. */
function leadingText(expression: unknown): string | undefined {
  const literal = inside(expression, 'A_Const')?.['sval'];
  if (typeof literal === 'object' && literal !== null) return text((literal as Tree)['sval']);
  const operation = inside(expression, 'A_Expr');
  if (operation !== undefined) return leadingText(operation['lexpr']);
  const call = inside(expression, 'FuncCall');
  return call === undefined ? undefined : leadingText(items(call['args'])[0]);
}
