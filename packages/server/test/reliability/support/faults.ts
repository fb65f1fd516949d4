import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '../../support/until.ts';

/** The advisory locks of `block` faults have this class and the number of their gate. */
const gates = 7777;

/** Breaks the control plane of a test at named points, for named tenants. */
export interface Faults {
  /** The next time that work on `slug` comes to `point`, its statement fails with this SQLSTATE; the time after it goes through. */
  raise(point: string, slug: string, sqlState?: string): Promise<void>;
  /** Work on `slug` fails at `point` whenever it comes there. */
  fail(point: string, slug: string): Promise<void>;
  /** Work on `slug` stands still at `point`; `reached` says when, and which backend does it. */
  block(point: string, slug: string): Promise<Gate>;
  /** The removal of this schema stands still. */
  blockDrop(schema: string): Promise<Gate>;
  /** Takes every fault away; who stands still goes on standing still. */
  disarm(): Promise<void>;
  /** Takes every fault away and lets go whoever stands still. */
  clear(): Promise<void>;
}

export interface Gate {
  reached(): Promise<number>;
  /** Lets it go on, and nobody stands still here again. */
  open(): Promise<void>;
}

/** Installs the points; the control schema must be there. `superuser` survives restarts of its server. */
export async function installFaults(superuser: pg.Pool): Promise<Faults> {
  await superuser.query(await readFile(new URL('faults.sql', import.meta.url), 'utf8'));
  const held = new Map<number, pg.PoolClient>();
  let last = 0;
  const arm = (point: string, slug: string, action: string, sqlState = 'P0001') =>
    superuser.query('INSERT INTO fault.armed VALUES ($1, $2, $3, $4, $5)', [
      point,
      slug,
      action,
      last,
      sqlState,
    ]);
  const release = (gate: number) => {
    // Ending the connection gives the lock back; after a crash of the server there is nothing to give back.
    held.get(gate)?.release(true);
    held.delete(gate);
  };
  return {
    async raise(point, slug, sqlState) {
      await superuser.query('ALTER SEQUENCE fault.raised RESTART');
      await arm(point, slug, 'raise', sqlState);
    },
    async fail(point, slug) {
      await arm(point, slug, 'fail');
    },
    async block(point, slug) {
      const gate = ++last;
      const holder = await superuser.connect();
      holder.on('error', () => {});
      await holder.query('SELECT pg_advisory_lock($1, $2)', [gates, gate]);
      held.set(gate, holder);
      await arm(point, slug, 'block');
      return {
        reached: () =>
          until(`${slug} is at ${point}`, async () => {
            const { rows } = await superuser.query<{ pid: number }>(
              'SELECT pid FROM pg_locks WHERE locktype = $1 AND classid = $2 AND objid = $3 AND NOT granted',
              ['advisory', gates, gate],
            );
            return rows[0]?.pid;
          }),
        async open() {
          await superuser.query('DELETE FROM fault.armed WHERE gate = $1 AND action = $2', [gate, 'block']);
          release(gate);
        },
      };
    },
    async blockDrop(schema) {
      const gate = ++last;
      const holder = await superuser.connect();
      holder.on('error', () => {});
      const table = `${pg.escapeIdentifier(schema)}.accounts`;
      await holder.query(`BEGIN; LOCK TABLE ${table} IN ACCESS SHARE MODE`);
      held.set(gate, holder);
      return {
        reached: () =>
          until(`${schema} is about to be dropped`, async () => {
            const { rows } = await superuser.query<{ pid: number }>(
              'SELECT pid FROM pg_locks WHERE relation = $1::regclass AND NOT granted',
              [table],
            );
            return rows[0]?.pid;
          }),
        open: () => Promise.resolve(release(gate)),
      };
    },
    async disarm() {
      await superuser.query('DELETE FROM fault.armed');
    },
    async clear() {
      await superuser.query('DELETE FROM fault.armed');
      for (const gate of held.keys()) release(gate);
    },
  };
}

/** How many rows the history of a tenant of {@link writeMigrations} has. */
export const revisions = 5;

/** A migration directory with a point in its first file, one in the middle and one in a statement that runs after the commit. */
export async function writeMigrations(parent: string): Promise<string> {
  const directory = join(parent, 'migrations');
  await mkdir(directory);
  const files = {
    'V1__first.sql': `SELECT extensions.fault_in('migration:first', '\${flyway:defaultSchema}');
CREATE TABLE accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
INSERT INTO accounts (name) VALUES ('one'), ('two');`,
    'V2__middle.sql': `CREATE TABLE notes (id bigint PRIMARY KEY, body text);
SELECT extensions.fault_in('migration:middle', '\${flyway:defaultSchema}');
CREATE INDEX notes_body_idx ON notes (body);`,
    // ANALYZE computes the expressions of indexes: the only way to stand still inside a VACUUM.
    'V3__checked.sql': `CREATE FUNCTION checked(id bigint) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
  IF current_query() ILIKE 'vacuum%' THEN
    PERFORM extensions.fault_in('deferred', '\${flyway:defaultSchema}');
  END IF;
  RETURN id;
END $$;
CREATE INDEX accounts_checked_idx ON accounts (checked(id));`,
    'V4__deferred.sql': 'VACUUM ANALYZE accounts;',
    'R__names.sql': 'CREATE OR REPLACE VIEW names AS SELECT name FROM accounts;',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), `${text}\n`);
  return directory;
}
