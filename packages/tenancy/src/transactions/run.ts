import type { Engine } from '../engine.ts';
import { isTenancyError, sqlStateOf, TenancyError } from '../errors.ts';
import type { TenantClient } from '../pool/tenant-client.ts';
import type { TenantId } from '../tenant-id.ts';
import { keepResult, takeKey } from './idempotency.ts';
import { beginSql, keyOf, type TransactionOptions } from './options.ts';
import { Attempt, type Transaction } from './transaction.ts';

/** Between two attempts; random, so that two transactions that met do not meet again. */
const pauseMs = { first: 10, most: 1_000 } as const;

/**
 * Runs a function in a transaction of a tenant: returning commits, throwing rolls back.
 *
 * Throws what the function throws; TENANCY_COMMIT_UNKNOWN where the connection was lost during COMMIT and there is no
 * idempotency key to find out with.
 */
export async function runTransaction<T>(
  engine: Engine,
  tenant: TenantId,
  fn: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const begin = beginSql(options);
  const key = keyOf(options);
  const attempts = attemptsOf(options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(engine, tenant, fn, begin, key);
    } catch (error) {
      // With a key a COMMIT that nobody knows about is asked about, by doing it again.
      const isUnknown = isTenancyError(error) && error.code === 'TENANCY_COMMIT_UNKNOWN';
      const again = isUnknown ? key !== undefined : isRetryable(error, options);
      if (attempt >= attempts || !again) throw error;
      const pause = Math.min(pauseMs.most, pauseMs.first * 2 ** (attempt - 1)) * (0.5 + Math.random());
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function runOnce<T>(
  engine: Engine,
  tenant: TenantId,
  fn: (tx: Transaction) => Promise<T>,
  begin: string,
  key: string | undefined,
): Promise<T> {
  const client = await engine.hold(tenant);
  const attempt = new Attempt(client, begin);
  let result: T;
  try {
    const earlier = key === undefined ? undefined : await takeKey(attempt, key);
    if (earlier === undefined) {
      result = await fn(attempt);
      if (key !== undefined) await keepResult(attempt, key, result);
    } else {
      result = earlier.result as T;
    }
  } catch (error) {
    await endWith(client, attempt.rollback());
    throw error;
  }
  try {
    await attempt.commit();
  } catch (error) {
    client.release(isLost(error));
    throw isLost(error) ? commitUnknown(error) : error;
  }
  client.release();
  return result;
}

/** A connection that cannot even roll back is of no use; what the function threw matters more. */
async function endWith(client: TenantClient, ending: Promise<void>): Promise<void> {
  try {
    await ending;
    client.release();
  } catch {
    client.release(true);
  }
}

function attemptsOf({ retry, idempotencyKey }: TransactionOptions): number {
  const attempts = retry?.attempts ?? (idempotencyKey === undefined ? 1 : 3);
  if (Number.isSafeInteger(attempts) && attempts >= 1) return attempts;
  throw new TenancyError('TENANCY_OPTION', 'retry.attempts must be a whole number from 1.');
}

/** Serialization failure, deadlock, a failover, or a connection lost before COMMIT: nothing took effect. */
function isRetryable(error: unknown, { readOnly = false }: TransactionOptions): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) {
    return (
      state === '40001' ||
      state === '40P01' ||
      // A server that has become a standby, unless the transaction was to be read-only.
      (state === '25006' && !readOnly) ||
      state.startsWith('57P0') ||
      state.startsWith('08')
    );
  }
  return (
    isTenancyError(error) &&
    (error.code === 'TENANCY_CONNECTION_LOST' || error.code === 'TENANCY_LANE_VIOLATION')
  );
}

/** The answer to COMMIT did not come. */
function isLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return state.startsWith('57P0') || state.startsWith('08');
  return (
    isTenancyError(error) &&
    (error.code === 'TENANCY_CONNECTION_LOST' || error.code === 'TENANCY_QUERY_TIMEOUT')
  );
}

function commitUnknown(cause: unknown): TenancyError {
  return new TenancyError(
    'TENANCY_COMMIT_UNKNOWN',
    'The connection was lost during COMMIT, so it is not known whether the transaction took effect. Give it an ' +
      'idempotencyKey, and it can be asked for again.',
    { cause },
  );
}
