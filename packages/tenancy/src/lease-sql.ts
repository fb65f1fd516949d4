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

/** The setting of a broker's session that tells for which pool it opens and leases slots; any text that no other has. */
export const poolSetting = 'tenantry.pool';

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
 * The verifiers of {@link leaseLogins}, of the passwords that are derived for them. Those of slots have one round: PostgreSQL
 * hashes as often at each ALTER ROLE, to see that the password is not empty, and every opening makes one. Nobody guesses a
 * derived password, of 256 bits.
 */
export async function leaseVerifiers(
  credentialKey: Uint8Array,
  slots: number,
): Promise<ReadonlyMap<string, string>> {
  return new Map(
    await Promise.all(
      leaseLogins(slots).map(async (role) => {
        const password = deriveCredential(credentialKey, role, 1);
        return [role, await scramVerifier(password, role === brokerRole ? {} : { iterations: 1 })] as const;
      }),
    ),
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
  /** Of {@link leaseVerifiers}. */
  readonly verifiers: ReadonlyMap<string, string>;
}

/**
 * Makes a cell fit for leases; run as the control role, in a transaction, after the groups of the cell stand. Safe to run
 * again: the broker keeps its password, and what is leased its holder.
 *
 * Nobody can log in as a slot but who has opened it: `open_slot` lets one pool in, for the moment of its login, with the slot's
 * own password, without settings that a tenant has stored, and without a lease; `shut_slot` closes it behind. No role can be
 * forbidden to change its own password; here it opens nothing. What had the slot before leases nothing to it any more, so that
 * there is no lease for a session that is over.
 *
 * `claim` is what makes a lease exclusive: it locks the slot's row first, so that of two brokers that both believe to
 * hold a slot only one gets it. A row and not an advisory lock, since any tenant can take those.
 *
 * The verifiers of the slots lie in a column that nobody but the control role may read.
 */
export function cellLeaseSql({ slots, verifiers }: CellLease): string {
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
        EXECUTE format('CREATE ROLE %I %s NOINHERIT CONNECTION LIMIT %s PASSWORD %L',
                       login.name, CASE WHEN login.most = 1 THEN 'NOLOGIN' ELSE 'LOGIN' END, login.most, login.verifier);
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
    CREATE TABLE IF NOT EXISTS ${leaseSchema}.slots (slot text PRIMARY KEY, verifier text, holder text, opened_at timestamptz);
    ${lockSchemaAcl}
    ${addColumns}
    REVOKE ALL ON SCHEMA ${leaseSchema} FROM PUBLIC;
    GRANT USAGE ON SCHEMA ${leaseSchema} TO ${ownerGroup}, ${brokerRole};
    REVOKE ALL ON ${leaseSchema}.slots FROM ${brokerRole};
    INSERT INTO ${leaseSchema}.slots
    SELECT 'tenantry_slot_' || n FROM generate_series(1, ${slots}) n ON CONFLICT DO NOTHING;
    ${storeVerifiers(verifiers)}
    ${openFunctions}
    ${claimFunction}
    ${lendFunctions}
    REVOKE ALL ON FUNCTION ${ownerCalled}, ${brokerCalled} FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION ${ownerCalled} TO ${ownerGroup};
    GRANT EXECUTE ON FUNCTION ${brokerCalled} TO ${brokerRole};`;
}

/**
 * Two transactions cannot change the ACL of one schema: the second would fail with "tuple concurrently updated". A lock of
 * our own table, which no tenant can take and which no claim waits for.
 */
const lockSchemaAcl = `LOCK TABLE ${leaseSchema}.slots IN SHARE UPDATE EXCLUSIVE MODE;`;

/** For a cell that an earlier version made. Only then: the lock that it takes is in every lease's way. */
const addColumns = `
    DO $do$
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = '${leaseSchema}.slots'::regclass AND attname = 'opened_at' AND NOT attisdropped) THEN
        ALTER TABLE ${leaseSchema}.slots ADD COLUMN IF NOT EXISTS verifier text, ADD COLUMN holder text, ADD COLUMN opened_at timestamptz;
      END IF;
    END $do$;`;

/** Rows that have theirs are not touched, so that no lease waits for this. */
function storeVerifiers(verifiers: ReadonlyMap<string, string>): string {
  const rows = [...verifiers].map((row) => `(${row.map(escapeLiteral).join(', ')})`);
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

/**
 * Settings that PostgreSQL takes away from no role, or not in a function like these, as a list of SQL. They do nothing to a session of
 * ours: it starts with a role of its own, nobody may set the second, and a login does not bring those of a transaction.
 */
export const harmlessSettings =
  "'role', 'session_authorization', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable'";

/**
 * PL/pgSQL that takes away, one by one, what is stored on the login of a slot; `slot` is an expression, and a variable `stored record`
 * is there. Where PostgreSQL refuses one, as of a library that is loaded where it was stored and not here, `refused` is done.
 */
export function resetStored(slot: string, refused: string): string {
  return `
        FOR stored IN SELECT coalesce('IN DATABASE ' || quote_ident(d.datname), '') AS place,
                             (SELECT string_agg(quote_ident(part), '.') FROM regexp_split_to_table(split_part(setting, '=', 1), '\\.') part) AS name
                        FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) setting
                       WHERE s.setrole = to_regrole(${slot}) LOOP
          CONTINUE WHEN stored.name IN (${harmlessSettings});
          BEGIN
            EXECUTE format('ALTER ROLE %I %s RESET %s', ${slot}, stored.place, stored.name);
          EXCEPTION WHEN OTHERS THEN
            ${refused}
          END;
        END LOOP;`;
}

/** A slot that is being opened is somebody's for so long: what has died in between is passed over then. */
const openingFor = '30 seconds';
/** Which pool a broker acts for: a setting of its session, {@link poolSetting}. */
const ownPool = `current_setting('${poolSetting}', true)`;

/**
 * `open_slot` makes a slot the pool's and opens it; NULL where it is another's, which has a session of it or was about to have
 * one a moment ago. Where it still holds tenants it gives those and opens nothing: they are taken back first, and then it is
 * asked again. So there is never a lease on a slot that somebody may log in to. A slot with a setting that stays, and is none
 * of {@link harmlessSettings}, is NULL until the control plane has made it anew.
 *
 * `shut_slot` gives false where the slot has become another's since.
 */
const openFunctions = `
    CREATE OR REPLACE FUNCTION ${leaseSchema}.open_slot(slot text) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $open$
    DECLARE
      found record;
      held record;
      stored record;
    BEGIN${brokerOnly}
      SELECT s.verifier, s.opened_at > clock_timestamp() - interval '${openingFor}' AND s.holder <> ${ownPool} AS is_anothers
        INTO found FROM ${leaseSchema}.slots s WHERE s.slot = open_slot.slot FOR NO KEY UPDATE SKIP LOCKED;
      -- In a statement of its own: what it sees is as new as the lock.
      IF found.verifier IS NULL OR found.is_anothers OR coalesce(${ownPool}, '') = '' OR to_regrole(slot) IS NULL
         OR EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = slot) THEN
        RETURN NULL;
      END IF;
      SELECT coalesce(array_agg(g.rolname::text), '{}') AS tenants, coalesce(bool_or(to_regnamespace(quote_ident(g.rolname)) IS NULL), false) AS elsewhere
        INTO held FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
       WHERE m.member = to_regrole(slot) AND m.roleid <> '${slotGroup}'::regrole;
      -- Of another database of the server: nobody takes it back from here.
      IF held.elsewhere THEN
        RETURN NULL;
      END IF;
      IF held.tenants = '{}' THEN
        ${resetStored('slot', 'RETURN NULL;')}
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', slot, found.verifier);
      END IF;
      UPDATE ${leaseSchema}.slots s SET holder = ${ownPool}, opened_at = clock_timestamp() WHERE s.slot = open_slot.slot;
      RETURN held.tenants;
    END $open$;
    CREATE OR REPLACE FUNCTION ${leaseSchema}.shut_slot(slot text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $open$
    BEGIN${brokerOnly}
      UPDATE ${leaseSchema}.slots s SET opened_at = NULL WHERE s.slot = shut_slot.slot AND s.holder = ${ownPool};
      IF NOT FOUND THEN
        RETURN false;
      END IF;
      EXECUTE format('ALTER ROLE %I NOLOGIN', slot);
      RETURN true;
    END $open$;`;

// Roles by object id wherever it can be: joins over names took two thirds of a lease's time.
const claimFunction = `
    CREATE OR REPLACE FUNCTION ${leaseSchema}.claim(slot text, tenant text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $claim$
    DECLARE
      slot_id oid := to_regrole(slot);
      tenant_id oid := to_regrole(tenant);
      found record;
    BEGIN${brokerOnly}
      SELECT s.slot, s.opened_at, s.holder = ${ownPool} AS is_own INTO found
        FROM ${leaseSchema}.slots s WHERE s.slot = claim.slot FOR NO KEY UPDATE;
      -- One look for all, in a statement of its own, which sees what was committed before the lock; more only to say which it was.
      IF found.is_own AND found.opened_at IS NULL
         AND EXISTS (SELECT FROM pg_roles r WHERE r.oid = tenant_id AND r.rolcanlogin
                        -- Also by another cell of the server, whose slots are the same roles.
                        AND NOT EXISTS (SELECT FROM pg_roles o WHERE o.oid = slot_id AND o.rolcanlogin)
                        AND NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.member = slot_id AND m.roleid <> tenant_id
                                           AND m.roleid <> '${slotGroup}'::regrole)) THEN
        RETURN slot;
      END IF;
      RAISE insufficient_privilege USING MESSAGE = CASE
        WHEN found.slot IS NULL THEN 'only slots can be leased to'
        WHEN found.is_own IS NOT TRUE THEN 'the slot is another pool''s'
        WHEN found.opened_at IS NOT NULL OR (SELECT r.rolcanlogin FROM pg_roles r WHERE r.oid = slot_id) THEN 'the slot is open'
        WHEN NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = tenant_id AND r.rolcanlogin) THEN 'the tenant is closed'
        ELSE 'the slot holds another tenant' END;
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
      IF NOT starts_with(slot, 'tenantry_slot_') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only slots can be leased to';
      END IF;
      EXECUTE format('REVOKE %I FROM %I', tenant, slot);
    END $lend$;`;

/** The functions of {@link leaseSchema} that are not a tenant's, with their arguments, by who may execute them. */
export const leaseFunctions = {
  /** What the two functions of every tenant call. */
  owners: { names: ['claim', 'lend', 'take_back'], arguments: 'text, text' },
  broker: { names: ['open_slot', 'shut_slot'], arguments: 'text' },
} as const;

const [ownerCalled, brokerCalled] = [leaseFunctions.owners, leaseFunctions.broker].map((called) =>
  called.names.map((name) => `${leaseSchema}.${name}(${called.arguments})`).join(', '),
);

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
    ${lockSchemaAcl}
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
