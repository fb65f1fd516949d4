import { items, inside, option } from '../lint/tree.ts';
import type { Tree } from '../grammar.ts';

/** What decides whether a statement may run in a transaction. */
interface Parsed {
  readonly node: string;
  readonly tree: Tree;
}

/** Always refused inside a transaction. */
const ALWAYS: ReadonlySet<string> = new Set([
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'AlterSystemStmt',
  'CreateSubscriptionStmt',
  'DropSubscriptionStmt',
]);

const WHOLE_DATABASE: ReadonlySet<unknown> = new Set([
  'REINDEX_OBJECT_SCHEMA',
  'REINDEX_OBJECT_SYSTEM',
  'REINDEX_OBJECT_DATABASE',
]);

/** `ALTER TYPE … ADD VALUE` runs in a transaction from this version on. */
const ENUM_IN_TRANSACTION = 120_000;

/**
 * True where PostgreSQL refuses the statement inside a transaction (25001), told by its parse tree. What depends on the
 * object, such as REINDEX of a partitioned table, needs `executeInTransaction=false` in the script's configuration.
 */
export function refusesTransaction({ node, tree }: Parsed, serverVersion: number): boolean {
  if (ALWAYS.has(node)) return true;
  switch (node) {
    case 'IndexStmt':
    case 'DropStmt':
      return tree['concurrent'] === true;
    case 'ReindexStmt':
      return WHOLE_DATABASE.has(tree['kind']) || option(tree['params'], 'concurrently') !== undefined;
    case 'AlterTableStmt':
      return items(tree['cmds']).some(detachesConcurrently);
    case 'VacuumStmt':
      return tree['is_vacuumcmd'] === true;
    case 'DiscardStmt':
      return tree['target'] === 'DISCARD_ALL';
    case 'ClusterStmt':
      return tree['relation'] === undefined;
    case 'AlterDatabaseStmt':
      return option(tree['options'], 'tablespace') !== undefined;
    case 'AlterEnumStmt':
      return (
        serverVersion < ENUM_IN_TRANSACTION && tree['newVal'] !== undefined && tree['oldVal'] === undefined
      );
    default:
      return false;
  }
}

function detachesConcurrently(command: unknown): boolean {
  return inside(inside(command, 'AlterTableCmd')?.['def'], 'PartitionCmd')?.['concurrent'] === true;
}

const ENDS: ReadonlySet<unknown> = new Set([
  'TRANS_STMT_COMMIT',
  'TRANS_STMT_ROLLBACK',
  'TRANS_STMT_PREPARE',
  'TRANS_STMT_COMMIT_PREPARED',
  'TRANS_STMT_ROLLBACK_PREPARED',
]);

/** True for COMMIT, ROLLBACK and PREPARE TRANSACTION: what the script did so far is decided there, not by us. */
export function endsTransaction({ node, tree }: Parsed): boolean {
  return node === 'TransactionStmt' && ENDS.has(tree['kind']);
}

/** True where BEGIN is the first and COMMIT the last statement and nothing else speaks of transactions. */
export function isWrapped(statements: readonly Parsed[]): boolean {
  const [first, second, ...more] = statements.filter(({ node }) => node === 'TransactionStmt');
  if (first === undefined || second === undefined || more.length > 0) return false;
  const begins = first.tree['kind'] === 'TRANS_STMT_BEGIN' || first.tree['kind'] === 'TRANS_STMT_START';
  const plain = first.tree['options'] === undefined && second.tree['chain'] !== true;
  const commits = second.tree['kind'] === 'TRANS_STMT_COMMIT';
  return begins && plain && commits && first === statements[0] && second === statements.at(-1);
}
