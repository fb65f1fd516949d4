import { deriveCredential } from '../credential.ts';
import type { Placement } from '../directory/index.ts';
import type { Connection } from '../pool/connection.ts';
import { dial, type Dialling } from './dial.ts';
import type { Lane } from './lane.ts';
import { searchPathOf, startOptions } from './session.ts';

/**
 * A connection logs in as its tenant and is its tenant's for as long as it lives. PostgreSQL itself knows the login, and
 * nothing that runs on it can become another.
 */
export class SealedLane implements Lane {
  readonly name = 'sealed';
  readonly switch = undefined;
  readonly #to: Dialling;
  readonly #credentialKey: Uint8Array;

  constructor(to: Dialling, credentialKey: Uint8Array) {
    this.#to = to;
    this.#credentialKey = credentialKey;
  }

  canOpen(): boolean {
    return true;
  }

  async open({ tenant, schema, credentialVersion }: Placement): Promise<Connection> {
    const connection = await dial(this.#to, {
      lane: 'sealed',
      user: tenant,
      password: deriveCredential(this.#credentialKey, tenant, credentialVersion),
      options: startOptions({ search_path: searchPathOf(schema) }),
    });
    connection.tenant = tenant;
    return connection;
  }

  /** The start-up options are what `DISCARD ALL` goes back to. */
  clean(connection: Connection): void {
    void connection.discard();
  }

  onClosed(): void {}

  async close(): Promise<void> {}
}
