import { escapeLiteral } from 'pg';

import { checkContainment, findKnown, historyFirst } from '../containment.ts';
import type { ContainmentScope } from '../containment.ts';
import { MigrateError } from '../errors.ts';
import { historyInsert, historyParameters } from '../history.ts';
import type { PreparedFile } from '../prepare.ts';
import { MessageBuilder } from './message.ts';
import { settle } from './session.ts';
import type { Session } from './session.ts';
import { addBeginning, addScripts } from './step.ts';
import type { Beginning, Step } from './step.ts';
import type { Wire } from './wire.ts';

interface ScopeRow {
  readonly owner: string;
  readonly schema: string;
  readonly database: string;
  readonly grantees: readonly string[];
  readonly began: string;
}

const SCOPE = `SELECT pg_catalog.quote_ident(current_user)::pg_catalog.regrole::pg_catalog.oid::text AS owner,
  n.oid::text AS schema, d.oid::text AS database,
  (SELECT coalesce(pg_catalog.array_agg(DISTINCT a.grantee::text), '{}') FROM pg_catalog.aclexplode(n.nspacl) a) AS grantees,
  (EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.now()) * 1000)::pg_catalog.int4::text AS began
FROM pg_catalog.pg_namespace n, pg_catalog.pg_database d
WHERE n.nspname = $1 AND d.datname = pg_catalog.current_database()`;

const BEFORE = `SELECT r.oid::text AS owner, n.oid::text AS schema, d.oid::text AS database
FROM pg_catalog.pg_roles r, pg_catalog.pg_namespace n, pg_catalog.pg_database d
WHERE r.rolname = $1 AND n.nspname = $2 AND d.datname = pg_catalog.current_database()`;

/** What the role has outside of the schema already: only what is new is the script's doing. */
async function knownBefore({ client, role, schema, settings }: Session): Promise<readonly string[]> {
  const { rows } = await client.query<Pick<ScopeRow, 'owner' | 'schema' | 'database'>>(BEFORE, [
    role,
    schema,
  ]);
  const [row] = rows;
  if (row === undefined) return [];
  return findKnown(client, {
    ownerOid: Number(row.owner),
    schemaOid: Number(row.schema),
    databaseOid: Number(row.database),
    table: settings.table,
  });
}

/** A step whose transaction is only committed when it has left nothing outside its schema. */
export async function applyContained(
  session: Session,
  wire: Wire,
  step: Step,
  beginning: Beginning,
  installedRank: number,
  applied: (executionTime: number) => void,
): Promise<void> {
  const known = await knownBefore(session);
  const builder = new MessageBuilder();
  addBeginning(builder, session, beginning);
  addScripts(builder, step);
  // A deferred trigger would run with the COMMIT, behind the check.
  builder.frame('setup', 'SET CONSTRAINTS ALL IMMEDIATE');
  builder.frame('setup', `SELECT ${settle(session).join(', ')}`);
  for (const message of builder.build()) await wire.send(message);
  const { rows } = await session.client.query<ScopeRow>(SCOPE, [session.schema]);
  const [row] = rows;
  if (row === undefined) {
    throw new MigrateError('SCHEMA_MISSING', `the migration dropped the schema ${session.schema}`, {
      file: step.row.script,
      hint: 'A migration may create and change only what is in its own schema; nothing was kept.',
    });
  }
  const executionTime = Number(row.began);
  const owner = Number(row.owner);
  const scope: ContainmentScope = {
    ownerOid: owner,
    schemaOid: Number(row.schema),
    databaseOid: Number(row.database),
    granteeOids: [owner, ...row.grantees.map(Number)],
    table: session.settings.table,
    known,
  };
  const revision = {
    installedRank,
    version: step.row.version,
    description: step.row.description,
    script: step.row.script,
    checksum: step.row.checksum ?? 0,
    executionTimeMs: executionTime,
    success: true,
  };
  await checkContainment(session.client, scope, [prepared(step)], {
    sql: historyInsert(session.schema, session.settings.table, historyFirst),
    parameters: historyParameters([revision], session.settings.installedBy ?? undefined),
  });
  const type = escapeLiteral(step.row.type);
  const fix =
    step.row.type === 'SQL'
      ? ''
      : `UPDATE ${session.table} SET type = ${type} WHERE installed_rank = ${installedRank};`;
  await session.client.query(`${fix} COMMIT`);
  applied(executionTime);
}

/** As the check's search for the culprit reads it. */
function prepared({ row, script }: Step): PreparedFile {
  const kind = row.version === null ? 'repeatable' : 'versioned';
  const { version, description } = row;
  const statements = script?.statements ?? [];
  return {
    migration: {
      kind,
      version,
      description,
      script: row.script,
      path: script?.path ?? '',
      checksum: row.checksum ?? 0,
      sql: script?.text ?? '',
      type: 'SQL',
    },
    text: script?.text ?? '',
    checksum: row.checksum ?? 0,
    compiled: {
      statements: statements.map(({ start, end, line, node, copy }) => ({
        start,
        end,
        line,
        node,
        copy,
        fate: 'send',
        bodyLine: null,
      })),
      edits: [],
      observations: [],
      defersConstraints: false,
    },
  };
}
