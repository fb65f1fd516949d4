import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { deriveCredential } from '../credential.ts';
import { TenancyError } from '../errors.ts';
import { brokerRole, grantFunction, leaseSchema, poolSetting, revokeFunction } from '../lease-sql.ts';
import type { Connection } from '../pool/connection.ts';
import { connectionLost } from '../pool/losses.ts';
import { isTenantId, type TenantId } from '../tenant-id.ts';
import { dial, type Dialling } from './dial.ts';
import { refusePooler } from './pooler.ts';
import { startOptions } from './session.ts';

/** A lease to change hands: the slot gives back what it holds and gets another tenant. */
export interface LeaseChange {
  readonly slot: string;
  readonly from: TenantId | undefined;
  readonly to: TenantId | undefined;
  /** The session that has the slot, by which the slot is the asker's. */
  readonly by: Pick<Connection, 'client' | 'doomed'>;
}

interface Asked extends LeaseChange {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A backend keeps the plans of a tenant's two functions, 20 kB. After so many tenants, 100 MB, it is replaced. */
const tenantsPerConnection = 5_000;
/** One message is worked on while the next is on its way; more would only make messages smaller. */
const mostUnderWay = 2;

/**
 * Grants tenants to slots, over a connection of its own that never runs a statement of an application. Changes asked for
 * at the same moment go in one message, and while two are under way the next ones gather.
 *
 * It need not wait for the disk: a lease that a crash of the server undoes was held by a session that the crash ended.
 */
export class Broker {
  readonly #to: Dialling;
  readonly #credentialKey: Uint8Array;
  /** By which the cell knows whom it has opened a slot for. */
  readonly #pool = randomUUID();
  readonly #asked: Asked[] = [];
  #client: Promise<pg.Client> | undefined;
  readonly #seen = new Set<TenantId>();
  readonly #underWay = new Set<Promise<void>>();
  #isSending = false;
  #closed = false;
  #workersLogIn = false;

  constructor(to: Dialling, credentialKey: Uint8Array) {
    this.#to = to;
    this.#credentialKey = credentialKey;
  }

  /** What a session of a slot starts with on this server; known once a slot was opened. */
  get options(): Readonly<Record<string, string>> {
    return this.#workersLogIn ? { max_parallel_workers_per_gather: '0' } : {};
  }

  /** Resolves when the change is committed; rejects with PostgreSQL's error, and then nothing of it was done. */
  change(change: LeaseChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ ...change, resolve, reject });
      this.#sendSoon();
    });
  }

  /** Lets this pool log in as a slot, until {@link shut}; false where the slot is another's. */
  async open(slot: string): Promise<boolean> {
    const left = await this.#tell<readonly string[] | null>('open_slot', slot);
    if (left === null || left.length === 0) return left !== null;
    // What an earlier holder has left, whose process died. What cannot be taken back stays, and with it the slot.
    const client = await this.#connected();
    const back = left.filter(isTenantId).map((from) => ({ slot, from, to: undefined }));
    await client.query(messageFor(back)).catch(() => {});
    return (await this.#tell<readonly string[] | null>('open_slot', slot))?.length === 0;
  }

  /** Lets nobody log in as a slot any more; false where it has become another's since. */
  shut(slot: string): Promise<boolean> {
    return this.#tell('shut_slot', slot);
  }

  async #tell<T>(name: 'open_slot' | 'shut_slot', slot: string): Promise<T> {
    const client = await this.#connected();
    const { rows } = await client.query<{ answer: T }>(`SELECT ${leaseSchema}.${name}($1) AS answer`, [slot]);
    return rows[0]!.answer;
  }

  /** What was asked for is done first: the slots that the pool has just closed give their tenants back. */
  async close(): Promise<void> {
    while (this.#client !== undefined && this.#asked.length + this.#underWay.size > 0) {
      await Promise.all(this.#underWay);
      await Promise.resolve();
    }
    this.#closed = true;
    await this.#client?.then((client) => client.end()).catch(() => {});
    this.#client = undefined;
  }

  /** In a microtask: whoever asks in the same moment goes along. */
  #sendSoon(): void {
    if (this.#isSending || this.#underWay.size >= mostUnderWay) return;
    this.#isSending = true;
    queueMicrotask(() => {
      this.#isSending = false;
      const batch = this.#asked.splice(0);
      if (batch.length === 0) return;
      const granting = this.#grantAll(batch).finally(() => {
        this.#underWay.delete(granting);
        this.#sendSoon();
      });
      this.#underWay.add(granting);
    });
  }

  async #grantAll(asked: readonly Asked[]): Promise<void> {
    let batch = asked;
    try {
      const client = await this.#connected();
      batch = asked.filter((each) => isStill(each, client));
      if (batch.length === 0) return;
      await client.query(messageFor(batch));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1 || this.#client === undefined) {
        for (const { reject } of batch) reject(error);
        return;
      }
      // One was refused and took the others with it: each by itself, to find which.
      for (const each of batch) await this.#grantAll([each]);
    }
    for (const { to } of batch) if (to !== undefined) this.#seen.add(to);
    if (this.#seen.size > tenantsPerConnection) this.#drop();
  }

  #connected(): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new TenancyError('TENANCY_CLOSED', 'The tenancy was closed.'));
    this.#client ??= this.#connect();
    return this.#client;
  }

  /** All who need it at the same time wait for the same one. */
  #connect(): Promise<pg.Client> {
    const connecting = dial(this.#to, {
      lane: 'leased',
      user: brokerRole,
      password: deriveCredential(this.#credentialKey, brokerRole, 1),
      options: startOptions({
        search_path: '',
        synchronous_commit: 'off',
        client_min_messages: 'error',
        lock_timeout: '100',
        [poolSetting]: this.#pool,
      }),
      ownStatementsOnly: true,
    }).then(async (connection) => {
      const { client } = connection;
      // Past the pool's watch over statements, which does not see those of a broker end.
      await refusePooler(connection, (text) => client.query(text));
      const { rows } = await client.query<{ version: number }>(
        `SELECT current_setting('server_version_num')::int AS version`,
      );
      this.#workersLogIn = workersLogIn(rows[0]!.version);
      client.on('error', lost);
      client.on('end', lost);
      return client;
    });
    const lost = (): void => {
      if (this.#client === connecting) this.#client = undefined;
    };
    connecting.catch(lost);
    return connecting;
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#seen.clear();
    // What is under way on it ends first.
    void client?.then((each) => each.end()).catch(() => {});
  }
}

/** Before 16.7 and 17.3 the workers of a parallel query had to be allowed to log in, which a slot is not. By `server_version_num`. */
export function workersLogIn(version: number): boolean {
  return version < 160_007 || (version >= 170_000 && version < 170_003);
}

/**
 * False, and the change refused, where it has waited for too long: the slot is at another server, or its session is over, so
 * that somebody else may have it by now. What is only given back is no harm.
 */
function isStill({ by, to, reject }: Asked, { host, port }: pg.Client): boolean {
  const isHere = by.client.host === host && by.client.port === port;
  if (isHere && (to === undefined || by.doomed === undefined)) return true;
  reject(connectionLost(by.doomed, undefined));
  return false;
}

/**
 * One statement: all that is given back, then all that is granted, each in the order of the
 * tenants' names. GRANT and REVOKE lock the tenant's role, so two brokers may still wait for each other; `lock_timeout` ends
 * that long before PostgreSQL would look for a deadlock.
 */
export function messageFor(batch: readonly Omit<LeaseChange, 'by'>[]): string {
  const back = batch.flatMap(({ slot, from }) => (from === undefined ? [] : [{ slot, tenant: from }]));
  const given = batch.flatMap(({ slot, to }) => (to === undefined ? [] : [{ slot, tenant: to }]));
  // One column: nobody wants to know what they are called.
  return `SELECT ROW(${[...callsOf(back, revokeFunction), ...callsOf(given, grantFunction)].join(', ')}) IS NULL AS done`;
}

function callsOf(
  leases: readonly { readonly slot: string; readonly tenant: TenantId }[],
  nameOf: (tenant: TenantId) => string,
): readonly string[] {
  return leases
    .toSorted((a, b) => (a.tenant < b.tenant ? -1 : 1))
    .map(({ slot, tenant }) => `${nameOf(tenant)}(${pg.escapeLiteral(slot)})`);
}
