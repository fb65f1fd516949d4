import pg from 'pg';
import {
  applicationNameOf,
  canarySchemaPattern,
  markOf,
  newCanary,
  newCanarySchema,
  newRun,
  runOf,
} from './names.ts';
import type { AttackedTenant, AttackPair } from './pair.ts';
import { objectsSql } from './sql.ts';
import { isAlive, type Swept } from './sweep.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** How a database that is no Tenantry cell makes its tenants. In all statements `{schema}` is the name of a tenant's schema. */
export interface SchemaRecipe {
  /** Make a tenant's schema, and its roles where it has some; as the login of `--url`, in one transaction. */
  readonly create: readonly string[];
  /** What the tenant needs on the objects in it; after those were made. */
  readonly grant: readonly string[];
  /** Take it away, with all that `create` has made. */
  readonly drop: readonly string[];
  /** Role that makes what is in the schema; null for the login itself. */
  readonly owner: string | null;
  /** Role that a tenant's SQL runs as; null for the application's login. */
  readonly role: string | null;
}

export interface PlantSchemasOptions {
  /** A login that may run the recipe. */
  readonly control: pg.ClientConfig;
  /** Name of the application's login. */
  readonly application: string;
  readonly recipe: SchemaRecipe;
}

/** The pair, and what earlier runs had left. */
export interface SchemaPair extends AttackPair {
  readonly swept: readonly Swept[];
}

/**
 * Makes two tenants of any database that has a schema for each, after it has removed what a killed run left. Both are made in one
 * transaction with the comments on their schemas by which a later run finds them. Rejects with PostgreSQL's error.
 */
export async function plantSchemas({
  control,
  application,
  recipe,
}: PlantSchemasOptions): Promise<SchemaPair> {
  const run = newRun();
  const keeper = new pg.Client({ ...control, application_name: applicationNameOf(run) });
  keeper.on('error', () => {});
  await keeper.connect();
  try {
    const swept = await sweepSchemas(keeper, recipe);
    const [a, b] = [newTenant(recipe, application), newTenant(recipe, application)];
    await keeper.query(`BEGIN; ${createSql(run, a, recipe)} ${createSql(run, b, recipe)} COMMIT`);
    const { rows } = await keeper.query<Pick<AttackPair, 'controlRole' | 'superuser' | 'table' | 'address'>>(
      `SELECT current_user::text AS "controlRole", (SELECT rolname::text FROM pg_roles WHERE oid = 10) AS superuser,
              (SELECT oid FROM pg_class WHERE relname = 'notes' AND relnamespace = $1::regnamespace) AS table,
              json_build_object('database', current_database()) AS address`,
      [b.schema],
    );
    let removing: Promise<void> | undefined;
    const remove = (): Promise<void> => (removing ??= removeSchemas(control, keeper, recipe, [a, b]));
    return { run, a, b, swept, largeObject: undefined, ...rows[0]!, remove };
  } catch (error) {
    await keeper.end().catch(() => {});
    throw error;
  }
}

function newTenant({ owner, role }: SchemaRecipe, application: string): AttackedTenant {
  const schema = newCanarySchema();
  return {
    schema,
    role: inSchema(role ?? application, schema),
    owner: inSchema(owner ?? role ?? application, schema),
    canary: newCanary(),
  };
}

function createSql(run: string, { schema, canary }: AttackedTenant, recipe: SchemaRecipe): string {
  const owner =
    recipe.owner === null ? '' : `SET LOCAL ROLE ${escapeIdentifier(inSchema(recipe.owner, schema))};`;
  return `
    ${recipe.create.map((sql) => `${inSchema(sql, schema)};`).join('\n')}
    COMMENT ON SCHEMA ${escapeIdentifier(schema)} IS ${escapeLiteral(markOf(run))};
    ${owner}
    SET LOCAL search_path = ${escapeIdentifier(schema)}, pg_temp;
    ${objectsSql(canary)}
    ${recipe.grant.map((sql) => `${inSchema(sql, schema)};`).join('\n')}
    RESET ROLE;
    RESET search_path;`;
}

async function sweepSchemas(client: pg.Client, recipe: SchemaRecipe): Promise<readonly Swept[]> {
  const { rows } = await client.query<{ schema: string; mark: string | null }>(
    `SELECT nspname::text AS schema, obj_description(oid, 'pg_namespace') AS mark FROM pg_namespace WHERE nspname ~ $1`,
    [canarySchemaPattern],
  );
  const swept: Swept[] = [];
  for (const { schema, mark } of rows) {
    const run = runOf(mark);
    if (run === undefined || (await isAlive(client, run))) continue;
    const failure = await client.query(dropSql(recipe, [schema])).then(
      () => null,
      async (error: unknown) => {
        await client.query('ROLLBACK');
        return (error as Error).message;
      },
    );
    swept.push({ run, roles: [schema], failure });
  }
  return swept;
}

async function removeSchemas(
  control: pg.ClientConfig,
  keeper: pg.Client,
  recipe: SchemaRecipe,
  tenants: readonly AttackedTenant[],
): Promise<void> {
  const client = new pg.Client({ ...control, application_name: 'tenantry isolation' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(
      dropSql(
        recipe,
        tenants.map(({ schema }) => schema),
      ),
    );
  } finally {
    await client.end();
    await keeper.end().catch(() => {});
  }
}

function dropSql({ drop }: SchemaRecipe, schemas: readonly string[]): string {
  return `BEGIN; ${schemas.flatMap((schema) => drop.map((sql) => `${inSchema(sql, schema)};`)).join('\n')} COMMIT`;
}

/** Puts the schema's name into a statement of a recipe. It needs no quotes, being one of a run. */
export function inSchema(sql: string, schema: string): string {
  return sql.replaceAll('{schema}', schema);
}
