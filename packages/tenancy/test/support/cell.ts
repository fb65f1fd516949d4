import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { deriveCredential, newTenantId, scramVerifier, type TenantId } from '../../src/index.ts';
import { startTestPostgres, type Settings, type TestPostgres } from '../../src/embedded/index.ts';
import {
  brokerRole,
  dropTenantLeaseSql,
  leaseSchema,
  poolSetting,
  tenantLeaseSql,
} from '../../src/lease-sql.ts';
import { leasesSql } from '../../src/testing/cell/cell.ts';
import { databaseSql, dropTenantSql, groupsSql, tenantSql } from '../../src/testing/cell/layout.ts';
import type { Placement } from '../../src/directory/index.ts';

const { escapeIdentifier: id, escapeLiteral: literal } = pg;

/** A tenant of a test cell: its table `notes` has the ids 1 to 5 like everybody's, and in each row its own canary. */
export interface TestTenant {
  readonly id: TenantId;
  readonly slug: string;
  readonly canary: string;
  readonly credentialVersion: number;
}

export interface TestCellOptions {
  readonly tenants?: number;
  readonly slots?: number;
  readonly settings?: Settings;
  /** PBKDF2 rounds of tenants' passwords; tests of many tenants take fewer. */
  readonly iterations?: number;
}

/** A private PostgreSQL, laid out as the control plane lays out a cell, with tenants. */
export class TestCell {
  readonly postgres: TestPostgres;
  /** The control role: CREATEROLE, owner of the database, no superuser. */
  readonly control: pg.Pool;
  readonly superuser: pg.Pool;
  readonly credentialKey: Uint8Array;
  readonly tenants: TestTenant[] = [];
  readonly #options: Required<TestCellOptions>;
  #made = 0;

  constructor(
    postgres: TestPostgres,
    control: pg.Pool,
    superuser: pg.Pool,
    key: Uint8Array,
    options: Required<TestCellOptions>,
  ) {
    this.postgres = postgres;
    this.control = control;
    this.superuser = superuser;
    this.credentialKey = key;
    this.#options = options;
  }

  /** Where a tenant is, as the control plane tells it. */
  placement(tenant: TestTenant, change: Partial<Placement['cell']> = {}): Placement {
    return {
      tenant: tenant.id,
      slug: tenant.slug,
      state: 'active',
      schema: tenant.id,
      credentialVersion: tenant.credentialVersion,
      level: 'sealed',
      cell: {
        id: 'cell-1',
        hosts: [{ host: '127.0.0.1', port: this.postgres.port }],
        database: 'tenantry',
        lanes: ['sealed', 'leased'],
        slots: this.#options.slots,
        ...change,
      },
    };
  }

  placements(change: Partial<Placement['cell']> = {}): Placement[] {
    return this.tenants.map((tenant) => this.placement(tenant, change));
  }

  async addTenant(): Promise<TestTenant> {
    const made = this.#newTenant();
    const client = await this.control.connect();
    try {
      await client.query(`BEGIN; ${await this.#tenantSql(made)}; ${tenantLeaseSql(made.id)}; COMMIT`);
    } finally {
      client.release(true);
    }
    this.tenants.push(made);
    return made;
  }

  /** Adds thousands, as a superuser and many in a transaction, which no role of the product could. */
  async fill(count: number): Promise<void> {
    const client = await this.superuser.connect();
    try {
      for (let left = count; left > 0; left -= 25) {
        const made = Array.from({ length: Math.min(25, left) }, () => this.#newTenant());
        const parts = await Promise.all(made.map((each) => this.#tenantSql(each)));
        const sql = parts.map((part, i) => `${part}; ${tenantLeaseSql(made[i]!.id)}`).join(';\n');
        await client.query(`BEGIN; ${sql}; COMMIT`);
        this.tenants.push(...made);
      }
    } finally {
      client.release();
    }
  }

  async dropTenant({ id: tenant }: TestTenant): Promise<void> {
    await this.inControl(`
      BEGIN; ALTER ROLE ${id(tenant)} NOLOGIN; ${dropTenantLeaseSql(tenant)}; COMMIT;
      SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE false`);
    await this.superuser.query(
      'SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = $1',
      [tenant],
    );
    await this.inControl(dropTenantSql(tenant));
    this.tenants.splice(
      this.tenants.findIndex((other) => other.id === tenant),
      1,
    );
  }

  /** Gives a tenant's login the next version of its password and ends the backends that came with the old one. */
  async rotate(tenant: TestTenant): Promise<TestTenant> {
    const next = { ...tenant, credentialVersion: tenant.credentialVersion + 1 };
    const password = deriveCredential(this.credentialKey, tenant.id, next.credentialVersion);
    await this.inControl(`ALTER ROLE ${id(tenant.id)} PASSWORD ${literal(await scramVerifier(password))}`);
    await this.superuser.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
      tenant.id,
    ]);
    this.tenants[this.tenants.findIndex((other) => other.id === tenant.id)] = next;
    return next;
  }

  /** A message of several statements as the control role. */
  async inControl(sql: string): Promise<void> {
    const client = await this.control.connect();
    try {
      await client.query(sql);
    } finally {
      client.release(true);
    }
  }

  /** A bare connection as any role with a derived password. A slot is opened for the pool "test", which every broker here acts for. */
  async loginAs(role: string, version = 1, options = `-c ${poolSetting}=test`): Promise<pg.Client> {
    if (role.startsWith('tenantry_slot_')) return this.#loginAsSlot(role, options);
    return this.#login(role, version, options);
  }

  /** A broker for the pool "test", which these slots are. None of them has a session. */
  async brokerOf(...slots: readonly string[]): Promise<pg.Client> {
    const broker = await this.loginAs(brokerRole);
    for (const slot of slots)
      await broker.query(`SELECT ${leaseSchema}.open_slot($1)`, [slot]).then(() => shut(broker, slot));
    return broker;
  }

  async #loginAsSlot(slot: string, options: string): Promise<pg.Client> {
    const broker = await this.loginAs(brokerRole);
    try {
      // The backend of its last session may be there for a moment yet.
      const open = async (): Promise<unknown> =>
        (await broker.query(`SELECT ${leaseSchema}.open_slot($1) AS left`, [slot])).rows[0].left;
      for (const end = Date.now() + 2_000; (await open()) === null && Date.now() < end;) await pause(10);
      return await this.#login(slot, 1, options);
    } finally {
      await shut(broker, slot);
      await broker.end();
    }
  }

  async #login(role: string, version: number, options: string): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.postgres.port,
      database: 'tenantry',
      user: role,
      password: deriveCredential(this.credentialKey, role, version),
      options,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all([this.control.end(), this.superuser.end()]);
    await this.postgres.stop();
  }

  #newTenant(): TestTenant {
    const tenant = newTenantId();
    const slug = `tenant-${(this.#made += 1)}`;
    return {
      id: tenant,
      slug,
      canary: `canary of ${tenant}`,
      credentialVersion: 1,
    };
  }

  async #tenantSql({ id: tenant, canary, credentialVersion }: TestTenant): Promise<string> {
    const password = deriveCredential(this.credentialKey, tenant, credentialVersion);
    const verifier = await scramVerifier(password, {
      iterations: this.#options.iterations,
    });
    return `
      ${tenantSql(tenant, verifier)}
      CREATE TABLE notes (id int GENERATED BY DEFAULT AS IDENTITY (START WITH 6) PRIMARY KEY, body text NOT NULL);
      CREATE TABLE tenantry_idempotency (key text PRIMARY KEY, result jsonb, created_at timestamptz NOT NULL DEFAULT now());
      CREATE SEQUENCE counter;
      INSERT INTO notes SELECT n, ${literal(canary)} FROM generate_series(1, 5) n;
      RESET ROLE`;
  }
}

const shut = (broker: pg.Client, slot: string) => broker.query(`SELECT ${leaseSchema}.shut_slot($1)`, [slot]);

/** Starts a cell with tenants. The caller stops it. */
export async function startTestCell(options: TestCellOptions = {}): Promise<TestCell> {
  const all = {
    tenants: 2,
    slots: 8,
    settings: {},
    iterations: 4096,
    ...options,
  };
  const postgres = await startTestPostgres({ settings: all.settings });
  const key = randomBytes(32);
  const first = new pg.Client(postgres.superuserUrl);
  await first.connect();
  const password = deriveCredential(key, 'tenantry_control', 1);
  await first.query(`CREATE ROLE tenantry_control LOGIN CREATEROLE PASSWORD ${literal(password)}`);
  await first.query('CREATE DATABASE tenantry OWNER tenantry_control');
  await first.end();
  const at = { host: '127.0.0.1', port: postgres.port, database: 'tenantry' };
  const control = new pg.Pool({
    ...at,
    user: 'tenantry_control',
    password,
    max: 4,
  });
  const superuserUrl = postgres.superuserUrl.replace(/\/postgres$/, '/tenantry');
  const superuser = new pg.Pool({ connectionString: superuserUrl, max: 3 });
  // Tests kill the server.
  for (const pool of [control, superuser]) pool.on('error', () => {});
  const cell = new TestCell(postgres, control, superuser, key, all);
  await cell.inControl(
    `BEGIN; ${groupsSql} ${databaseSql('tenantry')} ${await leasesSql(key, all.slots)} COMMIT`,
  );
  // Roles are cluster-wide rows of a few catalogs: more at a time only wait for each other.
  for (let left = all.tenants; left > 0; left -= 4) {
    await Promise.all(Array.from({ length: Math.min(4, left) }, () => cell.addTenant()));
  }
  return cell;
}
