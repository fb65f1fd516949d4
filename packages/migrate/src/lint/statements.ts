import type { Tree } from '../grammar.ts';
import { refuse, warn } from './observation.ts';
import type { LintRule, Report } from './observation.ts';
import { inside, items, text } from './tree.ts';

const CONTROL_ROLE = 'Remove it; roles and databases belong to whoever administers the server.';
const SERVER = 'Remove it; objects of the whole database belong to whoever administers it.';

/** Statements that act on more than a schema, by the name of their parse node. */
const REFUSED: ReadonlyMap<string, readonly [LintRule, string, string]> = new Map([
  ...nodes('role-management', CONTROL_ROLE, {
    CreateRoleStmt: 'CREATE ROLE',
    AlterRoleStmt: 'ALTER ROLE',
    AlterRoleSetStmt: 'ALTER ROLE … SET',
    DropRoleStmt: 'DROP ROLE',
    GrantRoleStmt: 'GRANT or REVOKE of a role',
    DropOwnedStmt: 'DROP OWNED',
    ReassignOwnedStmt: 'REASSIGN OWNED',
  }),
  ...nodes('database-management', CONTROL_ROLE, {
    CreatedbStmt: 'CREATE DATABASE',
    AlterDatabaseStmt: 'ALTER DATABASE',
    AlterDatabaseSetStmt: 'ALTER DATABASE … SET',
    AlterDatabaseRefreshCollStmt: 'ALTER DATABASE … REFRESH COLLATION VERSION',
    DropdbStmt: 'DROP DATABASE',
    CreateTableSpaceStmt: 'CREATE TABLESPACE',
    AlterTableSpaceOptionsStmt: 'ALTER TABLESPACE',
    AlterTableMoveAllStmt: 'ALTER … ALL IN TABLESPACE',
    DropTableSpaceStmt: 'DROP TABLESPACE',
    AlterSystemStmt: 'ALTER SYSTEM',
    CheckPointStmt: 'CHECKPOINT',
  }),
  ...nodes('server-object', SERVER, {
    LoadStmt: 'LOAD',
    CreatePublicationStmt: 'CREATE PUBLICATION',
    AlterPublicationStmt: 'ALTER PUBLICATION',
    CreateSubscriptionStmt: 'CREATE SUBSCRIPTION',
    AlterSubscriptionStmt: 'ALTER SUBSCRIPTION',
    DropSubscriptionStmt: 'DROP SUBSCRIPTION',
    CreateFdwStmt: 'CREATE FOREIGN DATA WRAPPER',
    AlterFdwStmt: 'ALTER FOREIGN DATA WRAPPER',
    CreateForeignServerStmt: 'CREATE SERVER',
    AlterForeignServerStmt: 'ALTER SERVER',
    CreateForeignTableStmt: 'CREATE FOREIGN TABLE',
    ImportForeignSchemaStmt: 'IMPORT FOREIGN SCHEMA',
    CreateUserMappingStmt: 'CREATE USER MAPPING',
    AlterUserMappingStmt: 'ALTER USER MAPPING',
    DropUserMappingStmt: 'DROP USER MAPPING',
    CreateEventTrigStmt: 'CREATE EVENT TRIGGER',
    AlterEventTrigStmt: 'ALTER EVENT TRIGGER',
    CreatePLangStmt: 'CREATE LANGUAGE',
    CreateCastStmt: 'CREATE CAST',
    CreateTransformStmt: 'CREATE TRANSFORM',
    CreateAmStmt: 'CREATE ACCESS METHOD',
  }),
  ...nodes('extension', 'Remove it; extensions are shared and belong to whoever administers the database.', {
    AlterExtensionStmt: 'ALTER EXTENSION',
    AlterExtensionContentsStmt: 'ALTER EXTENSION … ADD or DROP',
  }),
]);

function nodes(rule: LintRule, instead: string, words: Readonly<Record<string, string>>) {
  return Object.entries(words).map(([node, word]) => [node, [rule, word, instead]] as const);
}

/** Kinds of objects that `DROP`, `COMMENT`, `RENAME` and `OWNER TO` can name and that no schema holds. */
const SHARED_OBJECTS: ReadonlyMap<string, readonly [LintRule, string]> = new Map([
  ['OBJECT_SCHEMA', ['schema-management', 'SCHEMA']],
  ['OBJECT_EXTENSION', ['extension', 'EXTENSION']],
  ['OBJECT_ROLE', ['role-management', 'ROLE']],
  ['OBJECT_DATABASE', ['database-management', 'DATABASE']],
  ['OBJECT_TABLESPACE', ['database-management', 'TABLESPACE']],
  ['OBJECT_FDW', ['server-object', 'FOREIGN DATA WRAPPER']],
  ['OBJECT_FOREIGN_SERVER', ['server-object', 'SERVER']],
  ['OBJECT_FOREIGN_TABLE', ['server-object', 'FOREIGN TABLE']],
  ['OBJECT_PUBLICATION', ['server-object', 'PUBLICATION']],
  ['OBJECT_SUBSCRIPTION', ['server-object', 'SUBSCRIPTION']],
  ['OBJECT_EVENT_TRIGGER', ['server-object', 'EVENT TRIGGER']],
  ['OBJECT_CAST', ['server-object', 'CAST']],
  ['OBJECT_LANGUAGE', ['server-object', 'LANGUAGE']],
  ['OBJECT_TRANSFORM', ['server-object', 'TRANSFORM']],
  ['OBJECT_ACCESS_METHOD', ['server-object', 'ACCESS METHOD']],
  ['OBJECT_PARAMETER_ACL', ['server-object', 'PARAMETER']],
]);

const VERBS: ReadonlyMap<string, string> = new Map([
  ['DropStmt', 'DROP'],
  ['RenameStmt', 'RENAME'],
  ['AlterOwnerStmt', 'ALTER … OWNER'],
  ['GrantStmt', 'GRANT'],
  ['CommentStmt', 'COMMENT ON'],
]);

/** Statements whose very kind, or whose kind of object, reaches outside a schema. */
export function reportStatement(tree: Tree, node: string, report: Report): void {
  const refused = REFUSED.get(node);
  if (refused !== undefined) report(refuse(refused[0], refused[1], refused[2]), null);
  reportSharedObject(tree, node, report);
  if (node === 'CreateExtensionStmt') {
    report({ kind: 'extension', name: text(tree['extname']) ?? '' }, null);
  } else if (node === 'CreateSchemaStmt') {
    reportCreateSchema(tree, report);
  } else if (node === 'CopyStmt' && tree['filename'] !== undefined) {
    const what = tree['is_program'] === true ? 'COPY … PROGRAM' : 'COPY of a file on the server';
    report(
      refuse('server-file', what, 'Put the data in the migration: COPY … FROM STDIN with inline data.'),
      null,
    );
  } else if (node === 'ListenStmt' || node === 'NotifyStmt' || node === 'UnlistenStmt') {
    report(
      warn(
        'notify',
        `${node.slice(0, -4).toUpperCase()} reaches every session of the database`,
        'Remove it.',
      ),
      null,
    );
  } else {
    reportMaintenance(tree, node, report);
  }
}

function reportSharedObject(tree: Tree, node: string, report: Report): void {
  const verb = VERBS.get(node);
  if (verb === undefined) return;
  const type =
    text(tree['removeType']) ?? text(tree['renameType']) ?? text(tree['objectType']) ?? text(tree['objtype']);
  const shared = SHARED_OBJECTS.get(type ?? '');
  if (shared === undefined) return;
  // The schema itself may be commented and its privileges changed: which schema and which roles are judged by name.
  const ownSchema = type === 'OBJECT_SCHEMA' && (node === 'GrantStmt' || node === 'CommentStmt');
  if (!ownSchema) report(refuse(shared[0], `${verb} ${shared[1]}`, SERVER), null);
  else for (const name of commented(tree)) report({ kind: 'schema', name }, null);
}

function commented(tree: Tree): readonly string[] {
  const name = text(inside(tree['object'], 'String')?.['sval']);
  return name === undefined ? [] : [name];
}

function reportCreateSchema(tree: Tree, report: Report): void {
  const name = text(tree['schemaname']);
  if (tree['if_not_exists'] === true && name !== undefined && tree['authrole'] === undefined) {
    report({ kind: 'schema', name }, null);
    return;
  }
  report(
    refuse('schema-management', 'CREATE SCHEMA', 'Remove it; the schema exists before its first migration.'),
    null,
  );
}

function reportMaintenance(tree: Tree, node: string, report: Report): void {
  if (node === 'VacuumStmt' && items(tree['rels']).length === 0) {
    const word = tree['is_vacuumcmd'] === true ? 'VACUUM' : 'ANALYZE';
    const say = word === 'VACUUM' ? refuse : warn;
    report(say('maintenance', `${word} of the whole database`, 'Name the tables.'), null);
  }
  if (node === 'ClusterStmt' && tree['relation'] === undefined) {
    report(refuse('maintenance', 'CLUSTER of the whole database', 'Name the table.'), null);
  }
  if (node === 'ReindexStmt') {
    if (tree['kind'] === 'REINDEX_OBJECT_SCHEMA')
      report({ kind: 'schema', name: text(tree['name']) ?? '' }, null);
    if (tree['kind'] === 'REINDEX_OBJECT_SYSTEM' || tree['kind'] === 'REINDEX_OBJECT_DATABASE') {
      report(
        refuse(
          'maintenance',
          'REINDEX of the whole database',
          'Name the table, the index or the own schema.',
        ),
        null,
      );
    }
  }
}

/** Roles that a statement makes an owner or gives privileges to. */
export function reportRoles(tree: Tree, node: string, report: Report): void {
  if (node === 'AlterOwnerStmt') reportOwner(tree['newowner'], report);
  if (node === 'AlterTableStmt') {
    for (const item of items(tree['cmds'])) {
      const command = inside(item, 'AlterTableCmd');
      if (command?.['subtype'] === 'AT_ChangeOwner') reportOwner(command['newowner'], report);
    }
  }
  if (node === 'GrantStmt') reportGrantees(tree, report);
  if (node === 'AlterDefaultPrivilegesStmt') {
    const action = tree['action'];
    if (typeof action === 'object' && action !== null) reportGrantees(action as Tree, report);
    for (const item of items(tree['options'])) {
      const element = inside(item, 'DefElem');
      if (element?.['defname'] !== 'roles') continue;
      for (const role of items(inside(element['arg'], 'List')?.['items']))
        reportOwner(inside(role, 'RoleSpec'), report);
    }
  }
}

function reportOwner(role: unknown, report: Report): void {
  const name = roleName(role);
  if (name !== null) report({ kind: 'role', name, use: 'owner' }, null);
}

function reportGrantees(tree: Tree, report: Report): void {
  for (const grantee of items(tree['grantees'])) {
    const name = roleName(inside(grantee, 'RoleSpec'));
    // Taking a privilege from everybody only hardens; PostgreSQL’s own advice for SECURITY DEFINER functions.
    if (name === 'public' && tree['is_grant'] !== true) continue;
    if (name !== null) report({ kind: 'role', name, use: 'grant' }, null);
  }
}

/** The role's name, `public` for PUBLIC, null where it is the current one. */
function roleName(role: unknown): string | null {
  if (typeof role !== 'object' || role === null) return null;
  const { roletype, rolename } = role as Tree;
  if (roletype === 'ROLESPEC_PUBLIC') return 'public';
  if (roletype === 'ROLESPEC_SESSION_USER') return 'SESSION_USER';
  return roletype === 'ROLESPEC_CSTRING' && typeof rolename === 'string' ? rolename : null;
}
