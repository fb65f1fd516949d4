import { createHash } from 'node:crypto';
import pg from 'pg';
import { sqlStateOf } from './pg-errors.ts';

/** Lists with many filters have many texts; those that come again and again are few, and each costs a backend some kilobytes. */
const mostStatements = 256;

/** Texts that were sent once, lately. */
const seen = new Set<string>();
const names = new Map<string, string>();

/**
 * A client that PostgreSQL need not parse and plan the same statement for each time: what comes with parameters a second time is
 * prepared under a name. Half of what a short operation costs its database is planning.
 *
 * A prepared statement that a migration of the schema has moved away from fails once; it is prepared anew the next time.
 */
export class PreparedClient extends pg.Client {
  #generation = 0;

  // The many forms of `pg` are one here: only the one that Kysely and the queue use is changed.
  override query(...args: unknown[]): never {
    const [text, values] = args;
    if (typeof text !== 'string' || !Array.isArray(values) || args.length > 2) return this.#send(args);
    const name = nameOf(text);
    if (name === undefined) return this.#send(args);
    const prepared = { name: `${name}_${String(this.#generation)}`, text, values };
    const answer = this.#send([prepared]) as Promise<unknown>;
    answer.catch((error: unknown) => {
      if (isOutdated(error)) this.#generation += 1;
    });
    return answer as never;
  }

  #send(args: unknown[]): never {
    return (super.query as (...all: unknown[]) => never).apply(this, args);
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostStatements) return known;
  if (seen.delete(text)) {
    const name = createHash('sha256').update(text).digest('hex').slice(0, 24);
    names.set(text, name);
    return name;
  }
  if (seen.size >= mostStatements) seen.clear();
  seen.add(text);
  return undefined;
}

/** The columns of a `SELECT *` have changed, or somebody has discarded what was prepared. */
function isOutdated(error: unknown): boolean {
  return ['0A000', '26000'].includes(sqlStateOf(error) ?? '');
}
