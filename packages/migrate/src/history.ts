import { escapeIdentifier } from 'pg';

/** Flyway's default name for its history table. */
export const HISTORY_TABLE = 'flyway_schema_history';

/** One row of a history table: a migration that was applied. */
export interface Revision {
  readonly installedRank: number;
  readonly version: string | null;
  readonly description: string;
  readonly script: string;
  readonly checksum: number;
  /** Milliseconds, measured by the server. */
  readonly executionTimeMs: number;
  readonly success: boolean;
}

/** A history table's qualified and quoted name. */
export function historyName(schema: string, table: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

/** The statements that create a history table, column for column as Flyway's. */
export function historyDdl(
  schema: string,
  table: string,
  tablespace: string | null = null,
): readonly string[] {
  const name = historyName(schema, table);
  const place = tablespace === null ? '' : ` TABLESPACE ${escapeIdentifier(tablespace)}`;
  return [
    `CREATE TABLE ${name} (
  "installed_rank" INT NOT NULL,
  "version" VARCHAR(50),
  "description" VARCHAR(200) NOT NULL,
  "type" VARCHAR(20) NOT NULL,
  "script" VARCHAR(1000) NOT NULL,
  "checksum" INTEGER,
  "installed_by" VARCHAR(100) NOT NULL,
  "installed_on" TIMESTAMP NOT NULL DEFAULT pg_catalog.now(),
  "execution_time" INTEGER NOT NULL,
  "success" BOOLEAN NOT NULL,
  CONSTRAINT ${escapeIdentifier(`${table}_pk`)} PRIMARY KEY ("installed_rank")
)${place}`,
    `CREATE INDEX ${escapeIdentifier(`${table}_s_idx`)} ON ${name} ("success")`,
  ];
}

/** Default privileges let the schema's users write to every new table; the history is the owner's alone. */
export function historyProtection(
  schema: string,
  table: string,
  users: readonly string[],
): readonly string[] {
  if (users.length === 0) return [];
  const roles = users.map((role) => (role === 'public' ? 'PUBLIC' : escapeIdentifier(role)));
  return [
    `REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON TABLE ${historyName(schema, table)} FROM ${roles.join(', ')}`,
  ];
}

/** One INSERT of any number of rows; its parameters, from `historyParameters`, are numbered from `first`. */
export function historyInsert(schema: string, table: string, first: number): string {
  const [ranks, versions, descriptions, scripts, checksums, times, successes, by] = Array.from(
    { length: 8 },
    (_, n) => `$${first + n}`,
  );
  return `INSERT INTO ${historyName(schema, table)}
  ("installed_rank", "version", "description", "type", "script", "checksum", "installed_by", "installed_on", "execution_time", "success")
SELECT r, v, d, 'SQL', s, c, coalesce(${by}, current_user), pg_catalog.now(), t, ok
FROM unnest(${ranks}::int[], ${versions}::text[], ${descriptions}::text[], ${scripts}::text[], ${checksums}::int[],
  ${times}::int[], ${successes}::bool[]) AS u (r, v, d, s, c, t, ok)`;
}

export function historyParameters(
  revisions: readonly Revision[],
  installedBy: string | undefined,
): unknown[] {
  return [
    revisions.map((r) => r.installedRank),
    revisions.map((r) => r.version),
    revisions.map((r) => abbreviateDescription(r.description)),
    revisions.map((r) => abbreviateScript(r.script)),
    revisions.map((r) => r.checksum),
    revisions.map((r) => r.executionTimeMs),
    revisions.map((r) => r.success),
    installedBy ?? null,
  ];
}

const DESCRIPTION_LENGTH = 200;
const SCRIPT_LENGTH = 1000;

/** Flyway keeps the head of a long description. */
export function abbreviateDescription(text: string): string {
  return text.length <= DESCRIPTION_LENGTH ? text : `${text.slice(0, DESCRIPTION_LENGTH - 3)}...`;
}

/** Flyway keeps a long script name but for its first three characters; the column holds 1000. */
export function abbreviateScript(text: string): string {
  return text.length <= SCRIPT_LENGTH ? text : `...${text.slice(3, SCRIPT_LENGTH)}`;
}
