import type { Act } from '../acts.ts';
import type { RuleCode } from '../catalog.ts';
import { refusesTransaction } from './locks.ts';

/** How a file is run, for what cannot run in a transaction. */
export interface Running {
  /** False where a script configuration says that the file is no transaction. */
  readonly inTransaction: boolean;
  /** Files may hold both kinds of statements. */
  readonly mixed: boolean;
}

/** Statements that refuse a transaction beside others. */
export function checkTransactions(
  acts: readonly Act[],
  running: Running,
  report: (code: RuleCode, message: string, act: Act) => void,
): void {
  const own = acts.filter(({ topLevel, node }) => topLevel && node !== 'TransactionStmt');
  const alone = own.filter(({ node, tree }) => refusesTransaction(node, tree));
  const [first, second] = alone;
  if (first === undefined) return;
  const others = own.length - alone.length;
  if (others > 0 && running.inTransaction && !running.mixed) {
    report(
      'mixed-transactional',
      'the statement cannot run in a transaction, and others of the file run in one',
      first,
    );
  } else if (second !== undefined || others > 0) {
    const at = second ?? first;
    report('concurrently-not-alone', 'if it fails, what the file did before it stays', at);
  }
}
