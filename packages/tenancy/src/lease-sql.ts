import pg from 'pg';
import { deriveCredential } from './credential.ts';
import { scramVerifier } from './scram.ts';
import { ownerOf, tenantId, type TenantId } from './tenant-id.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** The login that leases tenants to slots. It runs no application SQL and can read no table. */
export const brokerRole = 'tenantry_broker';
/** The group that gives brokers and slots CONNECT, and nothing else. */
export const slotGroup = 'tenantry_slots';
export const leaseSchema = 'tenantry_lease';
/** The channel on which the control plane tells that a tenant's placement has changed; the payload is its id. */
export const placementChannel = 'tenantry_placements';

const registrarRole = 'tenantry_registrar';
const ownerGroup = 'tenantry_owners';

/** The login of a slot, counted from 1. Throws a RangeError for anything but a whole number from 1. */
export function slotRole(n: number): string {
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError('Slots are counted from 1.');
  return `tenantry_slot_${n}`;
}

/** The broker and every slot of a cell: all need a password. */
export function leaseLogins(slots: number): readonly string[] {
  return [brokerRole, ...Array.from({ length: slots }, (_, i) => slotRole(i + 1))];
}

/**
 * The verifier that a lease gives its slot again, of the password that is derived for it. Of one round: PostgreSQL hashes as often
 * at each ALTER ROLE, to see that the password is not empty, which at the usual 4,096 takes ten times as long as the lease.
 * Nobody guesses a derived password, of 256 bits.
 */
export function renewalOf(credentialKey: Uint8Array, slot: string): Promise<string> {
  return scramVerifier(deriveCredential(credentialKey, slot, 1), { iterations: 1 });
}

/** {@link renewalOf} each of so many slots. */
export async function renewalsOf(
  credentialKey: Uint8Array,
  slots: number,
): Promise<ReadonlyMap<string, string>> {
  const names = Array.from({ length: slots }, (_, i) => slotRole(i + 1));
  return new Map(
    await Promise.all(names.map(async (slot) => [slot, await renewalOf(credentialKey, slot)] as const)),
  );
}

/** Name of the function that leases a tenant to a slot, quoted and qualified. */
export function grantFunction(tenant: TenantId): string {
  return `${leaseSchema}.${escapeIdentifier(`grant_${tenantId(tenant)}`)}`;
}

/** Name of the function that takes a lease back, quoted and qualified. */
export function revokeFunction(tenant: TenantId): string {
  return `${leaseSchema}.${escapeIdentifier(`revoke_${tenantId(tenant)}`)}`;
}

export interface CellLease {
  /** How many slots the cell has; those above are left alone. */
  readonly slots: number;
  /** SCRAM verifiers by role, of all that {@link leaseLogins} names: `scramVerifier(deriveCredential(key, role, 1))`. */
  readonly verifiers: ReadonlyMap<string, string>;
  /** What every lease gives its slot again, by slot, of {@link renewalsOf}; stored where none is. */
  readonly renewals: ReadonlyMap<string, string>;
}

/**
 * Makes a cell fit for leases; run as the control role, in a transaction, after the groups of the cell stand. Safe to run
 * again: roles that stand keep their passwords.
 *
 * `claim` is what makes a lease exclusive: it locks the slot's row first, so that of two brokers that both believe to
 * hold a slot only one gets it. A row and not an advisory lock, since any tenant can take those.
 *
 * It also gives the slot its own password again. No role can be forbidden to change its own, so an earlier tenant may have
 * chosen the one that stands; were it left, that tenant could log in and take the lease once its holder has died. The verifier
 * lies in a column that nobody but the control role may read.
 */
export function cellLeaseSql({ slots, verifiers, renewals }: CellLease): string {
  const logins = leaseLogins(slots).map((role) => {
    const verifier = verifiers.get(role);
    if (verifier === undefined) throw new RangeError(`There is no verifier for ${role}.`);
    return `(${escapeLiteral(role)}, ${escapeLiteral(verifier)}, ${role === brokerRole ? -1 : 1})`;
  });
  return `
    SET LOCAL createrole_self_grant = 'set';
    DO $do$
    DECLARE login record; missing text;
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${slotGroup}') THEN
        CREATE ROLE ${slotGroup} NOLOGIN;
        GRANT ${slotGroup} TO ${registrarRole} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
      END IF;
      EXECUTE format('GRANT CONNECT ON DATABASE %I TO ${slotGroup}', current_database());
      FOR login IN SELECT v.name, v.verifier, v.most FROM (VALUES ${logins.join(', ')}) AS v (name, verifier, most)
                    WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = v.name) LOOP
        EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT %s PASSWORD %L',
                       login.name, login.most, login.verifier);
      END LOOP;
      SET LOCAL ROLE ${registrarRole};
      FOR missing IN SELECT r.rolname FROM pg_roles r
                      WHERE r.rolname IN (${leaseLogins(slots).map(escapeLiteral).join(', ')})
                        AND NOT pg_has_role(r.oid, '${slotGroup}', 'USAGE') LOOP
        EXECUTE format('GRANT ${slotGroup} TO %I WITH INHERIT TRUE, SET FALSE', missing);
      END LOOP;
      RESET ROLE;
    END $do$;
    CREATE SCHEMA IF NOT EXISTS ${leaseSchema};
    CREATE TABLE IF NOT EXISTS ${leaseSchema}.slots (slot text PRIMARY KEY, verifier text);
    ${lockSchemaAcl}
    ${addVerifiers}
    REVOKE ALL ON SCHEMA ${leaseSchema} FROM PUBLIC;
    GRANT USAGE ON SCHEMA ${leaseSchema} TO ${ownerGroup}, ${brokerRole};
    REVOKE ALL ON ${leaseSchema}.slots FROM ${brokerRole};
    INSERT INTO ${leaseSchema}.slots
    SELECT 'tenantry_slot_' || n FROM generate_series(1, ${slots}) n ON CONFLICT DO NOTHING;
    ${storeRenewals(renewals)}
    ${claimFunction}
    ${lendFunctions}
    REVOKE ALL ON FUNCTION ${sharedFunctions} FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION ${sharedFunctions} TO ${ownerGroup};`;
}

/**
 * Two transactions cannot change the ACL of one schema: the second would fail with "tuple concurrently updated". A lock of
 * our own table, which no tenant can take and which no claim waits for.
 */
const lockSchemaAcl = `LOCK TABLE ${leaseSchema}.slots IN SHARE UPDATE EXCLUSIVE MODE;`;

/** For a cell that an earlier version made. Only then: the lock that it takes is in every lease's way. */
const addVerifiers = `
    DO $do$
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = '${leaseSchema}.slots'::regclass AND attname = 'verifier' AND NOT attisdropped) THEN
        ALTER TABLE ${leaseSchema}.slots ADD COLUMN verifier text;
      END IF;
    END $do$;`;

/** Rows that have theirs are not touched, so that no lease waits for this. */
function storeRenewals(renewals: ReadonlyMap<string, string>): string {
  if (renewals.size === 0) return '';
  const rows = [...renewals].map((row) => `(${row.map(escapeLiteral).join(', ')})`);
  return `
    UPDATE ${leaseSchema}.slots s SET verifier = v.verifier FROM (VALUES ${rows.join(', ')}) AS v (slot, verifier)
     WHERE s.slot = v.slot AND s.verifier IS NULL;`;
}

/**
 * Nobody else may call these. A tenant's owner may execute them, and so may a function that runs as the owner and that a
 * migration has made: who has logged in is the one thing that such a function cannot change.
 */
const brokerOnly = `
      IF session_user <> '${brokerRole}' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the broker leases';
      END IF;`;

// By object id wherever it can be: joins over names took two thirds of a lease's time.
const claimFunction = `
    CREATE OR REPLACE FUNCTION ${leaseSchema}.claim(slot text, tenant text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $claim$
    DECLARE
      slot_id oid := to_regrole(slot);
      tenant_id oid := to_regrole(tenant);
      own text;
    BEGIN${brokerOnly}
      SELECT s.verifier INTO own FROM ${leaseSchema}.slots s WHERE s.slot = claim.slot FOR NO KEY UPDATE;
      IF NOT FOUND OR slot_id IS NULL OR slot !~ '^tenantry_slot_[0-9]+$' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only slots can be leased to';
      END IF;
      -- One look for both, and a second one only to say which it was.
      IF EXISTS (SELECT FROM pg_roles r WHERE r.oid = tenant_id AND r.rolcanlogin
                    AND NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.member = slot_id AND m.roleid <> tenant_id
                                       AND m.roleid <> '${slotGroup}'::regrole)) THEN
        IF own IS NOT NULL THEN
          EXECUTE format('ALTER ROLE %I PASSWORD %L', slot, own);
        END IF;
        RETURN slot;
      END IF;
      IF (SELECT r.rolcanlogin FROM pg_roles r WHERE r.oid = tenant_id) IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE = 'the tenant is closed';
      END IF;
      RAISE insufficient_privilege USING MESSAGE = 'the slot holds another tenant';
    END $claim$;`;

/**
 * What the two functions of every tenant have in common, run as whoever calls it: a tenant's owner, who may pass on its own
 * tenant and nobody else's, and only for the broker, which `claim` sees to in `lend`. Compiled once for all of them: with bodies in plpgsql for each tenant its first lease takes
 * twice as long, and the broker's backend keeps 56 kB of each instead of 20.
 */
const lendFunctions = `
    CREATE OR REPLACE FUNCTION ${leaseSchema}.lend(slot text, tenant text) RETURNS void LANGUAGE plpgsql AS $lend$
    BEGIN
      EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE, ADMIN FALSE', tenant, ${leaseSchema}.claim(slot, tenant));
    END $lend$;
    CREATE OR REPLACE FUNCTION ${leaseSchema}.take_back(slot text, tenant text) RETURNS void LANGUAGE plpgsql AS $lend$
    BEGIN${brokerOnly}
      IF slot !~ '^tenantry_slot_[0-9]+$' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only slots can be leased to';
      END IF;
      EXECUTE format('REVOKE %I FROM %I', tenant, slot);
    END $lend$;`;

/** What the two lease functions of every tenant call, in {@link leaseSchema}. */
export const sharedLeaseFunctions = ['claim', 'lend', 'take_back'] as const;

const sharedFunctions = sharedLeaseFunctions.map((name) => `${leaseSchema}.${name}(text, text)`).join(', ');

/**
 * Gives a tenant its two lease functions; run as the control role, in a transaction. Safe to run again.
 *
 * The tenant's owner has ADMIN on the tenant's role and makes the GRANT: PostgreSQL walks every role of a grantor at every
 * GRANT, and the control role has two per tenant. It walks them at SET ROLE too, so there is one; 11 ms at 2,000 tenants.
 * `CREATE ROLE t_x … ADMIN t_x_owner` gives ADMIN for nothing; where that was not done, the GRANT here takes as long again.
 *
 * The default privileges of the owner give the tenant EXECUTE on every function, hence the REVOKE. Two transactions cannot
 * change the ACL of one schema at a time, hence the lock; it stands in no lease's way.
 */
export function tenantLeaseSql(tenant: TenantId): string {
  const role = escapeIdentifier(tenantId(tenant));
  const owner = escapeIdentifier(ownerOf(tenant));
  const [grant, revoke] = [`${grantFunction(tenant)}(text)`, `${revokeFunction(tenant)}(text)`];
  return `
    LOCK TABLE ${leaseSchema}.slots IN SHARE ROW EXCLUSIVE MODE;
    DO $do$
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
                      WHERE g.rolname = '${tenant}' AND r.rolname = '${ownerOf(tenant)}' AND m.admin_option) THEN
        GRANT ${role} TO ${owner} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
      END IF;
    END $do$;
    GRANT CREATE ON SCHEMA ${leaseSchema} TO ${owner};
    SET LOCAL ROLE ${owner};
    CREATE OR REPLACE FUNCTION ${grantFunction(tenant)}(slot text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $lease$
      SELECT ${leaseSchema}.lend(slot, '${tenant}')
    $lease$;
    CREATE OR REPLACE FUNCTION ${revokeFunction(tenant)}(slot text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $lease$
      SELECT ${leaseSchema}.take_back(slot, '${tenant}')
    $lease$;
    REVOKE ALL ON FUNCTION ${grant}, ${revoke} FROM PUBLIC, ${role};
    GRANT EXECUTE ON FUNCTION ${grant}, ${revoke} TO ${brokerRole};
    RESET ROLE;
    REVOKE CREATE ON SCHEMA ${leaseSchema} FROM ${owner};`;
}

/**
 * Takes a tenant's leases back, from every slot; run as the control role, in a transaction. The backends of those slots
 * are still the tenant until they are ended: see {@link leaseHoldersSql}.
 */
export function revokeLeasesSql(tenant: TenantId): string {
  const role = escapeIdentifier(tenantId(tenant));
  return `
    SET LOCAL ROLE ${escapeIdentifier(ownerOf(tenant))};
    DO $do$
    DECLARE slot text;
    BEGIN
      FOR slot IN SELECT s.rolname FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
                   WHERE g.rolname = '${tenant}' AND s.rolname ~ '^tenantry_slot_[0-9]+$' LOOP
        EXECUTE format('REVOKE ${role} FROM %I', slot);
      END LOOP;
    END $do$;
    RESET ROLE;`;
}

/** The slots that hold a tenant, as a query with one column `slot`; run it before {@link revokeLeasesSql}. */
export function leaseHoldersSql(tenant: TenantId): string {
  return `SELECT s.rolname AS slot
            FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
           WHERE g.rolname = '${tenantId(tenant)}' AND s.rolname ~ '^tenantry_slot_[0-9]+$'`;
}

/** Takes a tenant's leases and functions away; run as the control role, in a transaction. Safe to run again. */
export function dropTenantLeaseSql(tenant: TenantId): string {
  const role = escapeIdentifier(tenantId(tenant));
  const owner = escapeIdentifier(ownerOf(tenant));
  return `
    ${revokeLeasesSql(tenant)}
    SET LOCAL ROLE ${owner};
    DROP FUNCTION IF EXISTS ${grantFunction(tenant)}(text), ${revokeFunction(tenant)}(text);
    RESET ROLE;
    REVOKE ${role} FROM ${owner};`;
}
