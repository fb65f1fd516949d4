import { TenancyError } from '../errors.ts';

export interface TransactionOptions {
  /** Default: what the role, the database or the server has; PostgreSQL's own is read committed. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
  /**
   * How often the whole function may be run, until it is through: again after a serialization failure, a deadlock, and
   * where a connection was lost before COMMIT. It must do nothing that cannot be done twice. Default 1.
   */
  readonly retry?: { readonly attempts: number };
  /**
   * A name for what the transaction does, unique in the tenant: it takes effect once, however often it is asked for, also
   * where a connection is lost during COMMIT. Later calls get the result of the first, as JSON keeps it. The tenant's
   * schema needs the table of `idempotencyTableSql`. 1 to 255 characters: an empty one would be everybody's.
   */
  readonly idempotencyKey?: string;
}

const longestKey = 255;

/** The key as it was asked for. Throws TENANCY_OPTION. */
export function keyOf({ idempotencyKey: key }: TransactionOptions): string | undefined {
  if (key === undefined || (typeof key === 'string' && key.length >= 1 && key.length <= longestKey))
    return key;
  throw new TenancyError(
    'TENANCY_OPTION',
    `idempotencyKey must be a text of 1 to ${String(longestKey)} characters. Leave it out where there is none.`,
  );
}

/** The statement that begins a transaction as asked for. Throws TENANCY_OPTION. */
export function beginSql({ isolation, readOnly }: TransactionOptions): string {
  if (isolation !== undefined && !levels.has(isolation)) {
    throw new TenancyError(
      'TENANCY_OPTION',
      'isolation must be read committed, repeatable read or serializable.',
    );
  }
  const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
  return `BEGIN${level}${readOnly === true ? ' READ ONLY' : ''}`;
}

const levels: ReadonlySet<string> = new Set(['read committed', 'repeatable read', 'serializable']);
