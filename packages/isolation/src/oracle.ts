import type pg from 'pg';
import { confirmed, readOnly, summarise, tenantsOf, type AuditOptions } from './audit.ts';
import type { CheckResult, Finding } from './finding.ts';
import type { Layout } from './layout/types.ts';
import { readCast, type Actor, type Cast, type Place } from './oracle/actors.ts';
import { oracleChecks, questions } from './oracle/questions.ts';

export { oracleChecks } from './oracle/questions.ts';

export interface OracleResult {
  readonly checks: readonly CheckResult[];
  readonly findings: readonly Finding[];
  readonly accepted: readonly Finding[];
  /** Pairs of a role and a schema or role that PostgreSQL was asked about. */
  readonly pairs: number;
  /** How many pairs there are; more than were asked only in cells of more than some thousand tenants. */
  readonly allPairs: number;
  readonly tookMs: number;
}

/** Of each of the two questions about pairs; so many take some seconds. The pairs that are left out are others in every run. */
const mostPairs = 6_000_000;

/**
 * Asks PostgreSQL what roles may do, by `has_…_privilege` and `pg_has_role` over pairs of roles and tenants: the answer that it
 * would act upon, through every membership and PUBLIC. Independent of the catalog audit, which reads access lists.
 */
export async function askOracle(
  client: pg.ClientBase,
  layout: Layout,
  options: AuditOptions = {},
): Promise<OracleResult> {
  const started = performance.now();
  const at = Math.random();
  const answered = await confirmed(() => ask(client, layout, options, at), options);
  return { ...answered, tookMs: performance.now() - started };
}

async function ask(
  client: pg.ClientBase,
  layout: Layout,
  { inTransaction = false, most = 200 }: AuditOptions,
  at: number,
): Promise<Omit<OracleResult, 'tookMs'>> {
  return readOnly(client, inTransaction, async () => {
    const cast = await readCast(client, layout, await tenantsOf(client, layout));
    const asked = { pairs: 0, at };
    const found = [
      ...(await askSchemas(client, cast, asked)),
      ...(await askMembers(client, cast, asked)),
      ...(await askPower(client, cast, layout)),
      ...(await askLargeObjects(client, cast)),
      ...(await askRelations(client, cast)),
      ...(await askExcess(client, cast)),
      ...(await askShared(client, cast, layout)),
    ];
    const { actors, tenants } = cast;
    return {
      ...summarise(oracleChecks, found, layout.accepted, most),
      pairs: asked.pairs,
      allPairs: actors.length * tenants.length + actors.length * tenantRoles(cast).length,
    };
  });
}

type Asked = { pairs: number; readonly at: number };

function finding(
  id: keyof typeof questions,
  subject: string,
  tenant: string | null,
  message: string,
  evidence: Finding['evidence'] = {},
): Finding {
  const { id: check, severity } = questions[id];
  return { check, subject, tenant, severity, message, evidence, remediation: null };
}

/** As many targets as may be asked about, another part of them each time: from `at`, a number from 0 to 1. */
function window<T>(targets: readonly T[], actors: number, at: number): readonly T[] {
  const size = Math.max(1, Math.floor(mostPairs / Math.max(1, actors)));
  if (targets.length <= size) return targets;
  const start = Math.floor(at * targets.length);
  return [...targets.slice(start), ...targets.slice(0, start)].slice(0, size);
}

async function askSchemas(
  client: pg.ClientBase,
  { actors, tenants }: Cast,
  asked: Asked,
): Promise<Finding[]> {
  const targets = window(tenants, actors.length, asked.at);
  asked.pairs += actors.length * targets.length;
  const { rows } = await client.query<{ role: number; schema: number }>(questions.schema.sql, [
    actors.map(({ oid }) => oid),
    targets.map(({ oid }) => oid),
  ]);
  const [roles, spaces] = [indexed(actors), indexed(tenants)];
  const reached = new Map<Actor, string[]>();
  for (const { role, schema } of rows) {
    const [actor, space] = [roles.get(role)!, spaces.get(schema)!];
    if (actor.tenant !== space.name) reached.set(actor, [...(reached.get(actor) ?? []), space.name]);
  }
  return [...reached].map(([{ name, tenant }, names]) =>
    finding(
      'schema',
      `role ${name}`,
      tenant ?? (names.length === 1 ? names[0]! : null),
      `PostgreSQL lets ${name} use the schemas of ${names.length} tenants that are not its own`,
      { tenants: names.length, some: names.slice(0, 5) },
    ),
  );
}

function tenantRoles({ actors }: Cast): readonly Actor[] {
  return actors.filter(({ tenant }) => tenant !== null);
}

async function askMembers(client: pg.ClientBase, cast: Cast, asked: Asked): Promise<Finding[]> {
  const { actors } = cast;
  const targets = window(tenantRoles(cast), actors.length, asked.at);
  asked.pairs += actors.length * targets.length;
  const { rows } = await client.query<{ member: number; role: number }>(questions.member.sql, [
    actors.map(({ oid }) => oid),
    targets.map(({ oid }) => oid),
  ]);
  const roles = indexed(actors);
  const slots = new Map<Actor, Actor[]>();
  const found: Finding[] = [];
  for (const row of rows) {
    const [member, role] = [roles.get(row.member)!, roles.get(row.role)!];
    // An owner leases its own login.
    if (member.tenant === role.tenant && member.kind === 'owner') continue;
    if (member.kind === 'slot' && role.kind === 'login')
      slots.set(member, [...(slots.get(member) ?? []), role]);
    else found.push(memberFinding(member, role));
  }
  for (const [slot, held] of slots)
    if (held.length > 1) found.push(...held.map((role) => memberFinding(slot, role)));
  return found;
}

function memberFinding(member: Actor, role: Actor): Finding {
  return finding(
    'member',
    `role ${member.name}: ${role.name}`,
    role.tenant,
    `PostgreSQL takes ${member.name} for a member of ${role.name}`,
  );
}

async function askPower(client: pg.ClientBase, { actors }: Cast, { control }: Layout): Promise<Finding[]> {
  // Superusers are members of everybody, which is said of them elsewhere.
  const asked = actors.filter(({ superuser }) => !superuser).map(({ oid }) => oid);
  const { rows } = await client.query<{ who: string; object: string }>(questions.power.sql, [asked, control]);
  const tenants = new Map(actors.map(({ name, tenant }) => [name, tenant]));
  return rows.map(({ who, object }) =>
    finding(
      'power',
      `role ${who}: ${object}`,
      tenants.get(who) ?? null,
      `PostgreSQL takes ${who} for a member of ${object}`,
    ),
  );
}

async function askLargeObjects(client: pg.ClientBase, { witnesses, actors }: Cast): Promise<Finding[]> {
  // The function came with 18; before that only the audit looks at them.
  if ((await versionOf(client)) < 180_000) return [];
  const { rows } = await client.query<{ object: string; who: string; owner: string }>(questions.object.sql, [
    witnesses.map(({ oid }) => oid),
  ]);
  const byName = new Map(actors.map((actor) => [actor.name, actor]));
  return rows
    .filter(({ who, owner }) => who === 'PUBLIC' || (byName.has(who) && who !== owner))
    .map(({ object, who, owner }) =>
      finding(
        'object',
        `${object}: ${who}`,
        byName.get(owner)?.tenant ?? null,
        `PostgreSQL lets ${who} use ${object}`,
      ),
    );
}

interface Held {
  readonly object: string;
  readonly schema: string;
  readonly who: string;
  readonly role: number;
}

/** SELECT and the like; MAINTAIN came with 17. */
async function tablePrivileges(client: pg.ClientBase): Promise<readonly string[]> {
  const all = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'];
  return (await versionOf(client)) >= 170_000 ? [...all, 'MAINTAIN'] : all;
}

async function versionOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  return rows[0]!.version;
}

async function askRelations(client: pg.ClientBase, { actors, tenants, witnesses }: Cast): Promise<Finding[]> {
  const [spaces, logins] = [tenants.map(({ oid }) => oid), witnesses.map(({ oid }) => oid)];
  const privileges = (await tablePrivileges(client)).join(', ');
  const relations = await client.query<Held>(questions.relation.sql, [spaces, logins, privileges]);
  const routines = await client.query<Held>(questions.routine.sql, [spaces, logins]);
  const roles = indexed(actors);
  const of = (id: 'relation' | 'routine', rows: readonly Held[]) =>
    rows
      // Whoever is not among the actors may hold it: the control role, readers.
      // One role for all tenants holds something on everything, which is said once of their schemas.
      .filter(({ role, schema }) => {
        const actor = roles.get(role);
        return role === 0 || (actor !== undefined && actor.tenant !== schema && actor.kind !== 'application');
      })
      .map(({ object, schema, who }) =>
        finding(id, `${object}: ${who}`, schema, `PostgreSQL lets ${who} use ${object}`, { role: who }),
      );
  return [...of('relation', relations.rows), ...of('routine', routines.rows)];
}

async function askExcess(client: pg.ClientBase, { actors, tenants }: Cast): Promise<Finding[]> {
  const spaces = new Map(tenants.map(({ name, oid }) => [name, oid]));
  const logins = actors.filter(({ kind, tenant }) => kind === 'login' && spaces.has(tenant ?? ''));
  const privileges = await tablePrivileges(client);
  const beyond = [
    ...privileges.filter((name) => !['SELECT', 'INSERT', 'UPDATE', 'DELETE'].includes(name)),
    ...privileges.map((name) => `${name} WITH GRANT OPTION`),
  ];
  const { rows } = await client.query<Held>(questions.excess.sql, [
    logins.map(({ oid }) => oid),
    logins.map(({ tenant }) => spaces.get(tenant!)!),
    beyond.join(', '),
  ]);
  return rows.map(({ object, schema, who }) =>
    finding(
      'excess',
      `${object}: ${who}`,
      schema,
      `PostgreSQL lets ${who} do more with ${object} than its rows`,
    ),
  );
}

async function askShared(client: pg.ClientBase, cast: Cast, layout: Layout): Promise<Finding[]> {
  const { actors, shared } = cast;
  const kinds = new Map(layout.schemas.map(({ name, kind }) => [name, kind]));
  const closed = shared.filter(({ name }) => ['control', 'audit', 'canary'].includes(kinds.get(name) ?? ''));
  // All who could be given something by themselves, and of tenants two: what all of them hold, two hold.
  const asked = [...actors.filter(({ tenant }) => tenant === null), ...cast.witnesses, ...owners(cast)];
  const mayCreate = await client.query<{ object: string; who: string; what: string }>(questions.shared.sql, [
    asked.filter(({ kind }) => !['audit', 'reference'].includes(kind)).map(({ oid }) => oid),
    shared.map(({ oid }) => oid),
    closed.map(({ oid }) => oid),
    asked
      .filter(({ kind }) => ['login', 'slot', 'broker', 'application', 'unknown'].includes(kind))
      .map(({ oid }) => oid),
  ]);
  return mayCreate.rows.map(({ object, who, what }) =>
    finding('shared', `${object}: ${what} for ${who}`, null, `PostgreSQL lets ${who} ${what} on ${object}`, {
      privilege: what,
    }),
  );
}

function owners({ actors, witnesses }: Cast): readonly Actor[] {
  return actors.filter(
    ({ kind, tenant }) => kind === 'owner' && witnesses.some((witness) => witness.tenant === tenant),
  );
}

function indexed<T extends Place>(all: readonly T[]): ReadonlyMap<number, T> {
  return new Map(all.map((each) => [each.oid, each]));
}
