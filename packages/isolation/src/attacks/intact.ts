import type { AttackPair } from '../canaries.ts';
import type { AttackTarget } from './target.ts';
import type { Victim } from './victim.ts';

/**
 * What the victim has, as one line: rows, sequence, large object, objects and their privileges, and its role. Read by the victim
 * itself, so that the run needs nobody else's rights for it. On a control it is not asked: there the victim does lose.
 */
export async function stateOfVictim(
  victim: Victim,
  { kind }: AttackTarget,
  { largeObject }: AttackPair,
): Promise<string> {
  if (kind === 'control') return '';
  const session = await victim.session();
  const { rows } = await session.query(stateSql(largeObject), 'L1');
  return (rows[0] as { readonly state: string }).state;
}

function stateSql(largeObject: number | undefined): string {
  return `SELECT concat_ws(', ',
         'rows ' || (SELECT md5(string_agg(n::text, ' ' ORDER BY id)) FROM notes n),
         'sequence ' || (SELECT last_value || ' ' || is_called FROM counter),
         ${largeObject === undefined ? 'NULL' : `'large object ' || md5(lo_get(${largeObject}))`},
         'objects ' || (SELECT md5(string_agg(concat_ws(' ', c.oid, c.relname, c.relowner, c.relacl, c.relkind, c.relrowsecurity), ' ' ORDER BY c.oid))
                          FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace),
         'functions ' || (SELECT md5(string_agg(concat_ws(' ', p.oid, p.proname, p.prosrc, p.proacl, p.proconfig), ' ' ORDER BY p.oid))
                            FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace),
         'schema ' || (SELECT md5(concat_ws(' ', s.nspname, s.nspowner, s.nspacl)) FROM pg_namespace s WHERE s.nspname = current_schema()),
         'role ' || (SELECT md5(concat_ws(' ', r.rolname, r.rolcanlogin, r.rolconnlimit, r.rolconfig, r.rolsuper, r.rolcreaterole, r.rolbypassrls))
                       FROM pg_roles r WHERE r.rolname = current_user),
         'members ' || (SELECT md5(coalesce(string_agg(m.roleid || ' ' || m.member, ' ' ORDER BY m.oid), ''))
                          FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member
                         WHERE (m.roleid = current_user::regrole OR m.member = current_user::regrole)
                           AND s.rolname !~ '^tenantry_slot_')) AS state`;
}
