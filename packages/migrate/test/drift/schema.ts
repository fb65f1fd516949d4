import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Client } from 'pg';

import type { Difference } from '../../src/drift/index.ts';

/** A schema with its owner and its user, as a tenant has them. */
export interface Names {
  readonly schema: string;
  readonly owner: string;
  readonly user: string;
}

/** Makes roles and schema and runs `sql` in it as the owner. */
export async function build(client: Client, { schema, owner, user }: Names, sql: string): Promise<void> {
  const [s, o, u] = [schema, owner, user].map(escapeIdentifier);
  await client.query(`
    CREATE ROLE ${o};
    ${owner === user ? '' : `CREATE ROLE ${u};`}
    CREATE SCHEMA ${s} AUTHORIZATION ${o};
    SET ROLE ${o};
    SET search_path = ${s};
    GRANT USAGE ON SCHEMA ${s} TO ${u};
    ALTER DEFAULT PRIVILEGES IN SCHEMA ${s} GRANT SELECT, INSERT ON TABLES TO ${u};
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ${sql};
    RESET ROLE;
    RESET search_path;`);
}

/** One of nearly everything that a schema can hold, with the schema's and the user's name wherever a migration may put one. */
export function everything({ schema, user }: Names): string {
  const s = escapeIdentifier(schema);
  const u = escapeIdentifier(user);
  return `
CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, success boolean);
CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS int DEFAULT 1 CONSTRAINT above_zero CHECK (VALUE > 0);
CREATE TYPE pair AS (a int, b text COLLATE "C");
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE COLLATION plain (locale = 'C');
CREATE SEQUENCE ticket AS bigint START 10 INCREMENT 5 MAXVALUE 9223372036854775806 CACHE 3;
CREATE TABLE customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL DEFAULT 'nobody',
  mood mood DEFAULT 'ok',
  age positive,
  home pair,
  born date,
  initials text GENERATED ALWAYS AS (left(name, 1)) STORED,
  spare text,
  "Odd Name" varchar(20) COLLATE "C",
  CONSTRAINT customer_name_key UNIQUE (name) WITH (fillfactor = 80)
);
CREATE TABLE orders (
  id serial PRIMARY KEY,
  customer bigint NOT NULL REFERENCES ${s}.customer ON DELETE CASCADE DEFERRABLE,
  number bigint DEFAULT nextval(${escapeLiteral(`${s}.ticket`)}),
  total numeric(10, 2) CONSTRAINT total_check CHECK (total >= 0),
  placed timestamptz DEFAULT now(),
  tenant text DEFAULT ${escapeLiteral(schema)},
  note text
);
CREATE INDEX orders_placed_idx ON orders (placed DESC) INCLUDE (total) WHERE total > 0;
CREATE INDEX orders_lower_idx ON orders (lower(note));
CREATE UNIQUE INDEX orders_number_idx ON orders (number);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders FOR SELECT TO ${u} USING (tenant = ${escapeLiteral(schema)} OR current_user = ${escapeLiteral(user)});
CREATE TABLE booking (during tstzrange, CONSTRAINT booking_excl EXCLUDE USING gist (during WITH &&));
CREATE TABLE event (id int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX event_id_idx ON event (id);
CREATE TABLE animal (legs int);
CREATE TABLE dog (barks boolean) INHERITS (animal);
CREATE TABLE typed OF pair;
CREATE UNLOGGED TABLE scratch (x int) WITH (autovacuum_enabled = false, fillfactor = 70);
CREATE VIEW big_orders AS SELECT o.id, o.total, c.name FROM ${s}.orders o JOIN customer c ON c.id = o.customer WHERE o.total > 100;
CREATE VIEW open_orders WITH (security_barrier) AS SELECT * FROM orders WHERE note IS NULL WITH CHECK OPTION;
CREATE MATERIALIZED VIEW totals AS SELECT customer, sum(total) AS total FROM orders GROUP BY customer;
CREATE INDEX totals_idx ON totals (customer);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SET search_path = ${s}, pg_temp AS $$
BEGIN
  INSERT INTO ${s}.scratch SELECT count(*) FROM ${schema === s ? s.toUpperCase() : s}.orders;
  PERFORM 'scratch'::regclass, ${escapeLiteral(`${s}.scratch`)}, set_config('search_path', ${escapeLiteral(schema)}, true);
  RETURN new;
END $$;
CREATE FUNCTION total_of(customer bigint, since date DEFAULT '2000-01-01') RETURNS numeric LANGUAGE sql STABLE
  BEGIN ATOMIC SELECT sum(o.total) FROM orders o WHERE o.customer = total_of.customer AND placed > since; END;
CREATE FUNCTION rank_of(m mood) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'SELECT 1';
CREATE FUNCTION add_pairs(pair, pair) RETURNS pair LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION lower(pair) RETURNS pair LANGUAGE sql AS 'SELECT $1';
CREATE PROCEDURE tidy() LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DELETE FROM ${s}.scratch; END $$;
CREATE AGGREGATE sum_pairs(pair) (sfunc = add_pairs, stype = pair);
CREATE OPERATOR + (leftarg = pair, rightarg = pair, function = add_pairs, commutator = +);
CREATE TRIGGER touched BEFORE UPDATE OF total ON orders FOR EACH ROW WHEN (old.total IS DISTINCT FROM new.total) EXECUTE FUNCTION ${s}.touch();
CREATE RULE keep AS ON DELETE TO scratch DO INSTEAD NOTHING;
CREATE STATISTICS orders_stats (dependencies, mcv) ON customer, placed FROM orders;
CREATE TEXT SEARCH DICTIONARY stems (template = simple, accept = false);
CREATE TEXT SEARCH CONFIGURATION words (copy = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING FOR asciiword WITH ${s}.stems, simple;
CREATE VIEW shadow AS SELECT lower(home) AS home FROM customer;
GRANT UPDATE (note, total) ON orders TO ${u};
GRANT UPDATE ON SEQUENCE ticket TO ${u};
GRANT EXECUTE ON FUNCTION total_of TO ${u} WITH GRANT OPTION;
REVOKE USAGE ON TYPE mood FROM PUBLIC;
COMMENT ON TABLE orders IS ${escapeLiteral(`see ${s}.customer`)};
COMMENT ON COLUMN orders.total IS 'gross';
COMMENT ON INDEX orders_placed_idx IS 'for the newest';
INSERT INTO customer (name) VALUES ('x'), ('y')`;
}

const SIGN = { missing: '-', unexpected: '+', changed: '~', reordered: '~' } as const;

/** `~ column orders.total type`. */
export function short({ kind, object, path }: Difference): string {
  return `${SIGN[kind]} ${object}${path === '' ? '' : ` ${path}`}`;
}
