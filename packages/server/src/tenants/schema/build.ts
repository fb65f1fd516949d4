import pg from 'pg';
import {
  applyToEmptySchema,
  runDeferred,
  type ApplyOptions,
  type ApplyResult,
  type MigrationSet,
  type Revision,
} from '@tenantry/migrate';
import { deriveCredential, ownerOf, scramVerifier, tenantId } from '@tenantry/tenancy';
import type { Cell } from '../../db/cells/registry.ts';
import { beginAlone, dropInTransaction, isComplete } from './drop.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** Connections a tenant's login may hold at once: one tenant cannot take them all. */
const connectionLimit = 50;

export interface BuildInput {
  readonly tenant: string;
  readonly cell: Cell;
  readonly set: MigrationSet;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly credentialKey: Uint8Array;
  readonly credentialVersion: number;
  /** The cell allows leases: the owner is to be able to lease its tenant. */
  readonly leased: boolean;
  readonly signal: AbortSignal;
  /**
   * Called when every migration has run, while the server is still checking what they did: the commit waits for it, and
   * what it throws rolls everything back.
   */
  readonly beforeCommit: (revisions: readonly Revision[]) => Promise<void>;
}

export interface Built {
  readonly schemaVersion: string | null;
  readonly revisions: readonly Revision[];
  /** True when an earlier run had built it already. */
  readonly existed: boolean;
}

/**
 * Makes a tenant's owner, login, schema, privileges and every migration in one transaction: PostgreSQL's own rollback
 * removes all of it when anything fails. Statements that cannot run in a transaction follow after the commit.
 * Safe to run again. Throws MigrateError.
 */
export async function buildSchema(input: BuildInput): Promise<Built> {
  const tenant = tenantId(input.tenant);
  const password = deriveCredential(input.credentialKey, tenant, input.credentialVersion);
  const options: ApplyOptions = {
    schema: tenant,
    placeholders: input.placeholders,
    allowedExtensions: input.cell.allowedExtensions,
    extensionsSchema: 'extensions',
  };
  return input.cell.withConnection(async (client) => {
    const stopListening = cancelOnAbort(input.cell, client, input.signal);
    try {
      // Its thousands of hashes are counted on another thread, while the server is asked what stands.
      const [verifier, standing] = await Promise.all([scramVerifier(password), beginAlone(client, tenant)]);
      if (standing.schema && (await isComplete(client, tenant))) {
        await client.query('ROLLBACK');
        return { schemaVersion: input.set.schemaVersion, revisions: [], existed: true };
      }
      if (standing.role) await dropInTransaction(client, tenant);
      const prelude = createRolesAndSchema(tenant, verifier, input.leased);
      const result = await applyAndReport(client, input, { ...options, prelude });
      await client.query('RESET ROLE; COMMIT');
      if (result.deferred.length > 0) {
        const schema = escapeIdentifier(tenant);
        await client.query(
          `SET ROLE ${escapeIdentifier(ownerOf(tenant))}; SET search_path = ${schema}, extensions, pg_temp`,
        );
        await runDeferred(client, result.deferred, options);
      }
      return { schemaVersion: result.schemaVersion, revisions: result.revisions, existed: false };
    } catch (error) {
      input.signal.throwIfAborted();
      throw error;
    } finally {
      stopListening();
    }
  });
}

/** The report is begun with the last file and not after the check: neither of the two needs the other. */
async function applyAndReport(
  client: pg.ClientBase,
  { set, beforeCommit }: BuildInput,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const revisions: Revision[] = [];
  let reported = Promise.resolve();
  const onRevision = (revision: Revision) => {
    revisions.push(revision);
    if (revisions.length === set.migrations.length) reported = beforeCommit(revisions);
    // It may fail while nobody waits for it yet; that it did is found below.
    reported.catch(() => {});
  };
  try {
    const result = await applyToEmptySchema(client, set, { ...options, onRevision });
    await reported;
    return result;
  } catch (error) {
    // Nothing of the report may still be under way when the failure is written down.
    await reported.catch(() => {});
    throw error;
  }
}

/**
 * One message. `createrole_self_grant` gives the control role SET on both roles without a GRANT of its own: at thousands
 * of tenants a GRANT walks all of the grantor's roles. The group memberships are granted by the groups' administrator,
 * which is a member of little. The owner gets ADMIN on the login, which leases need, with the CREATE ROLE for the same reason:
 * a GRANT of its own takes 8 ms at 2,000 tenants. It inherits nothing through it, being NOINHERIT.
 */
export function createRolesAndSchema(tenant: string, verifier: string, leased: boolean): string {
  const role = escapeIdentifier(tenant);
  const owner = escapeIdentifier(`${tenant}_owner`);
  return `
    SET LOCAL createrole_self_grant = 'set';
    CREATE ROLE ${owner} NOLOGIN NOINHERIT;
    CREATE ROLE ${role} LOGIN PASSWORD ${escapeLiteral(verifier)} CONNECTION LIMIT ${connectionLimit}
      ${leased ? `ADMIN ${owner}` : ''};
    CREATE SCHEMA ${role} AUTHORIZATION ${owner};
    SET LOCAL ROLE tenantry_registrar;
    GRANT tenantry_tenants TO ${role} WITH INHERIT TRUE, SET FALSE;
    GRANT tenantry_owners TO ${owner} WITH INHERIT TRUE, SET FALSE;
    SET LOCAL ROLE ${owner};
    GRANT USAGE ON SCHEMA ${role} TO ${role};
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role};
    ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO ${role};
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ${role};
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO ${role};
    SET LOCAL search_path = ${role}, extensions, pg_temp`;
}

/** Ends the running statement when somebody cancels: the wait for a long migration would otherwise have to be sat out. */
function cancelOnAbort(cell: Cell, client: pg.PoolClient, signal: AbortSignal): () => void {
  const pid = (client as unknown as { readonly processID: number }).processID;
  const cancel = () => {
    void cell.withConnection((other) => other.query('SELECT pg_cancel_backend($1)', [pid])).catch(() => {});
  };
  // Cancelled before anybody listened: nothing would end the wait.
  signal.throwIfAborted();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
