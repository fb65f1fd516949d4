import type pg from 'pg';
import type { FaultCast } from './fault.ts';

/**
 * Objects of every kind that faults are about, in both tenants, as a migration would make them: so that no fault depends on what
 * the copy's own migrations have.
 */
const fixtureSql = `
  CREATE TABLE fault_notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, secret text, amount int NOT NULL DEFAULT 0);
  CREATE TABLE fault_events (at date NOT NULL, note int) PARTITION BY RANGE (at);
  CREATE TABLE fault_events_2026 PARTITION OF fault_events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE VIEW fault_view AS SELECT id, secret FROM fault_notes;
  CREATE MATERIALIZED VIEW fault_counts AS SELECT count(*) AS notes FROM fault_notes;
  CREATE SEQUENCE fault_seq;
  CREATE TYPE fault_mood AS ENUM ('good', 'bad');
  CREATE TYPE fault_pair AS (x int, y int);
  CREATE DOMAIN fault_tag AS text CHECK (VALUE <> '');
  CREATE FUNCTION fault_shout(value text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper(value);
  CREATE FUNCTION fault_stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE PROCEDURE fault_touch() LANGUAGE plpgsql AS 'BEGIN END';
  CREATE AGGREGATE fault_total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
  CREATE TRIGGER fault_stamp BEFORE UPDATE ON fault_notes FOR EACH ROW EXECUTE FUNCTION fault_stamp();
  CREATE TABLE IF NOT EXISTS flyway_schema_history (installed_rank int PRIMARY KEY);`;

/** As each tenant's owner; what a killed run has left is replaced. */
export async function plantFixture(client: pg.ClientBase, cast: FaultCast): Promise<void> {
  await dropFixture(client, cast);
  for (const [tenant, owner] of tenantsOf(cast)) {
    await client.query(
      `BEGIN; SET LOCAL ROLE ${owner}; SET LOCAL search_path = ${tenant}; ${fixtureSql}
       REVOKE INSERT, UPDATE, DELETE ON flyway_schema_history FROM ${tenant}; COMMIT`,
    );
  }
}

export async function dropFixture(client: pg.ClientBase, cast: FaultCast): Promise<void> {
  for (const [tenant, owner] of tenantsOf(cast)) {
    await client.query(`
      BEGIN; SET LOCAL ROLE ${owner}; SET LOCAL search_path = ${tenant}; SET LOCAL client_min_messages = warning;
      DROP TABLE IF EXISTS fault_notes, fault_events CASCADE;
      DROP SEQUENCE IF EXISTS fault_seq;
      DROP TYPE IF EXISTS fault_mood, fault_pair, fault_tag CASCADE;
      DROP FUNCTION IF EXISTS fault_shout(text), fault_stamp() CASCADE;
      DROP PROCEDURE IF EXISTS fault_touch();
      DROP AGGREGATE IF EXISTS fault_total(int);
      COMMIT`);
  }
}

function tenantsOf({
  a,
  b,
  a_owner: ownerOfA,
  b_owner: ownerOfB,
}: FaultCast): readonly (readonly [string, string])[] {
  return [
    [a!, ownerOfA!],
    [b!, ownerOfB!],
  ];
}
