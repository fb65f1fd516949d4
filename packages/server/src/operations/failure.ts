import { MigrateError } from '@tenantry/migrate';
import { isProblemCode, type OperationError } from '@tenantry/contract';
import { sqlStateOf } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';

/** What is kept with an operation about the error that ended it: enough to act on, nothing secret. */
export function toOperationError(error: unknown): OperationError {
  if (error instanceof MigrateError) {
    return compact({
      code: error.code,
      message: error.message,
      sqlState: error.sqlState,
      file: error.file,
      line: error.line,
      statement: error.statement,
      hint: error.hint,
    });
  }
  if (error instanceof TenantryError) {
    const { sqlState, file, line, statement, hint } = error.detail;
    return compact({ code: error.code, message: error.message, sqlState, file, line, statement, hint });
  }
  const sqlState = sqlStateOf(error);
  const message = sqlState
    ? `PostgreSQL refused it with SQLSTATE ${sqlState}. The server's log has the statement.`
    : 'Something went wrong in the control plane; its log has the reason under this operation.';
  return compact({ code: 'INTERNAL', message, sqlState });
}

type Loose = { readonly code: string; readonly message: string } & {
  readonly [K in keyof OperationError]?: OperationError[K] | undefined;
};

function compact(error: Loose): OperationError {
  const code = isProblemCode(error.code) ? error.code : 'INTERNAL';
  const entries = Object.entries({ ...error, code }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as OperationError;
}
