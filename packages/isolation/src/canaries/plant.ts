import { deriveCredential, ownerOf, scramVerifier, type TenantId } from '@tenantry/tenancy';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { applicationNameOf, newCanary, newCanaryTenant, newControlLogin, newRun } from './names.ts';
import type { AttackedTenant, AttackPair } from './pair.ts';
import { canarySql, controlsSql } from './sql.ts';
import { hasLeases, removeRoles, sweepCanaries, type Swept } from './sweep.ts';

/** A tenant of a Tenantry cell that a run has made for itself. */
export interface CanaryTenant extends AttackedTenant {
  readonly tenant: TenantId;
}

/** Two tenants of a Tenantry cell, and two logins that reach both. */
export interface CanaryPair extends AttackPair {
  readonly a: CanaryTenant;
  readonly b: CanaryTenant;
  /** Where both are: the address that the control role is connected to. */
  readonly address: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly ssl: pg.ClientConfig['ssl'];
  };
  /** Of both logins, and of the slots where it is the cell's own. */
  readonly credentialKey: Uint8Array;
  /** Logins of the positive controls, and their password. */
  readonly controls: { readonly path: string; readonly role: string; readonly password: string };
  /** The cell's broker and slots stand. */
  readonly leases: boolean;
  readonly largeObject: number;
  /** What earlier runs had left. */
  readonly swept: readonly Swept[];
}

export interface PlantOptions {
  /** Where, and as the control role. */
  readonly control: pg.ClientConfig;
  /** The cell's credential key, which the leased lane needs; without one the run makes its own. */
  readonly credentialKey?: Uint8Array | undefined;
}

/**
 * Makes two tenants of a Tenantry cell for a run, as the control role, after it has removed what a killed run left. They are the
 * only tenants whose rows a run reads.
 *
 * All roles are made in one transaction with the comments that mark them: a run that is killed leaves either nothing or what the
 * next {@link sweepCanaries} finds. Rejects with PostgreSQL's error.
 *
 * ```ts
 * const pair = await plantCanaries({ control: { connectionString } });
 * try { … } finally { await pair.remove(); }
 * ```
 */
export async function plantCanaries({
  control,
  credentialKey = randomBytes(32),
}: PlantOptions): Promise<CanaryPair> {
  const run = newRun();
  // Open for as long as the run lives: by it a later run sees that this one is no ruin.
  const keeper = new pg.Client({ ...control, application_name: applicationNameOf(run) });
  keeper.on('error', () => {});
  await keeper.connect();
  try {
    const swept = await sweepCanaries(keeper);
    const made = await make(keeper, run, credentialKey);
    let removing: Promise<void> | undefined;
    return {
      ...made,
      run,
      swept,
      credentialKey,
      address: addressOf(keeper),
      remove: () => (removing ??= remove(control, keeper, made)),
    };
  } catch (error) {
    await keeper.end().catch(() => {});
    throw error;
  }
}

type Made = Omit<CanaryPair, 'run' | 'swept' | 'remove' | 'address' | 'credentialKey'>;

async function make(keeper: pg.Client, run: string, credentialKey: Uint8Array): Promise<Made> {
  const leases = await hasLeases(keeper);
  const [a, b] = [newTenant(), newTenant()];
  const controls = {
    path: newControlLogin('path'),
    role: newControlLogin('role'),
    password: randomBytes(24).toString('base64url'),
  };
  const [ofA, ofB, ofControls] = await Promise.all([
    scramVerifier(deriveCredential(credentialKey, a.tenant, 1)),
    scramVerifier(deriveCredential(credentialKey, b.tenant, 1)),
    // 192 random bits need no stretching, and a control logs in for every attack.
    scramVerifier(controls.password, { iterations: 16 }),
  ]);
  await keeper.query(`BEGIN;
    ${canarySql(run, { ...a, verifier: ofA }, leases)}
    ${canarySql(run, { ...b, verifier: ofB }, leases)}
    ${controlsSql(run, { ...controls, verifier: ofControls }, [a.tenant, b.tenant])}
    SET LOCAL ROLE ${pg.escapeIdentifier(b.role)};
    SELECT set_config('tenantry.large_object', lo_from_bytea(0, convert_to(${pg.escapeLiteral(b.canary)}, 'UTF8'))::text, false);
    RESET ROLE;
    COMMIT`);
  const { rows } = await keeper.query<Facts>(
    `SELECT current_user::text AS "controlRole", (SELECT rolname::text FROM pg_roles WHERE oid = 10) AS superuser,
            (SELECT oid FROM pg_class WHERE relname = 'notes' AND relnamespace = $1::regnamespace) AS table,
            current_setting('tenantry.large_object')::int AS "largeObject"`,
    [b.schema],
  );
  return { a, b, controls, leases, ...rows[0]! };
}

type Facts = Pick<CanaryPair, 'controlRole' | 'superuser' | 'table' | 'largeObject'>;

function newTenant(): CanaryTenant {
  const tenant = newCanaryTenant();
  return { tenant, schema: tenant, role: tenant, owner: ownerOf(tenant), canary: newCanary() };
}

function addressOf(client: pg.Client): CanaryPair['address'] {
  const { host, port, database, ssl } = client as pg.Client & { readonly ssl: pg.ClientConfig['ssl'] };
  return { host, port, database: database!, ssl };
}

/** The keeper may be gone, as after a restart of the server; it ends last, so that nobody sweeps at the same time. */
async function remove(control: pg.ClientConfig, keeper: pg.Client, { a, b, controls }: Made): Promise<void> {
  const client = new pg.Client({ ...control, application_name: 'tenantry isolation' });
  client.on('error', () => {});
  await client.connect();
  try {
    await removeRoles(client, [controls.path, controls.role, a.role, b.role, a.owner, b.owner]);
  } finally {
    await client.end();
    await keeper.end().catch(() => {});
  }
}
