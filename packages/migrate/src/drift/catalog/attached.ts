import { branch, comment, flag, relationKey, word } from './fragments.ts';
import type { Scope } from './fragments.ts';

const attachedName = (name: string) => `quote_ident(c.relname) || '.' || quote_ident(${name})`;
const fires = (code: string) => word(code, { D: 'disabled', R: 'replica', A: 'always' });

/** What an index of its own and the index of a constraint have in common. */
const indexProperties = {
  definition: 'pg_get_indexdef(x.indexrelid, 0, true)',
  invalid: flag('NOT (x.indisvalid AND x.indisready AND x.indislive)'),
  clustered: flag('x.indisclustered'),
  replicaIdentity: flag('x.indisreplident'),
  tablespace: '(SELECT spcname FROM pg_tablespace WHERE oid = i.reltablespace)',
  partitionOf: '(SELECT h.inhparent::regclass::text FROM pg_inherits h WHERE h.inhrelid = x.indexrelid)',
  statistics: `(SELECT json_object_agg(a.attnum, a.attstattarget) FROM pg_attribute a
      WHERE a.attrelid = x.indexrelid AND a.attstattarget >= 0)`,
  comment: comment('x.indexrelid', 'pg_class'),
};

/** Indexes, but those of constraints. */
export function indexes(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'index'`,
    name: attachedName('i.relname'),
    parent: relationKey('c'),
    properties: indexProperties,
    from: `pg_index x, pg_class i, pg_class c
  WHERE x.indrelid = ANY (${scope.oids(oids)}) AND i.oid = x.indexrelid AND c.oid = x.indrelid
    AND (SELECT true FROM pg_constraint k WHERE k.conrelid = x.indrelid AND k.conindid = x.indexrelid
         AND k.contype IN ('p', 'u', 'x') LIMIT 1) IS NULL`,
  });
}

/**
 * Constraints of tables, with their indexes. NOT NULL is a property of its column, whatever its constraint is called;
 * only what a column cannot say of it, NOT VALID and NO INHERIT, makes it one of these. Foreign keys that PostgreSQL
 * makes to reach the partitions of the referenced table are left out.
 */
export function constraints(scope: Scope, oids: readonly number[]): string {
  const index = Object.entries(indexProperties).map(([key, sql]) => `'${key}', ${sql}`);
  return branch({
    kind: `'constraint'`,
    name: attachedName('k.conname'),
    parent: relationKey('c'),
    properties: {
      definition: 'pg_get_constraintdef(k.oid, true)',
      inheritance: `CASE WHEN k.coninhcount > 0 THEN CASE WHEN k.conislocal THEN 'merged' ELSE 'inherited' END END`,
      index: `CASE WHEN k.contype IN ('p', 'u', 'x') THEN (SELECT json_build_object(${index.join(', ')})
      FROM pg_index x, pg_class i WHERE x.indexrelid = k.conindid AND i.oid = k.conindid) END`,
      comment: comment('k.oid', 'pg_constraint'),
    },
    from: `pg_constraint k, pg_class c
  WHERE k.conrelid = ANY (${scope.oids(oids)}) AND c.oid = k.conrelid
    AND (k.contype IN ('c', 'p', 'u', 'x') OR k.contype = 'n' AND (NOT k.convalidated OR k.connoinherit)
      OR k.contype = 'f' AND (k.conparentid = 0 OR k.conrelid <> (SELECT p.conrelid FROM pg_constraint p WHERE p.oid = k.conparentid)))`,
  });
}

/** Triggers, but those that PostgreSQL makes for foreign keys. */
export function triggers(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'trigger'`,
    name: attachedName('t.tgname'),
    parent: relationKey('c'),
    properties: {
      definition: 'pg_get_triggerdef(t.oid, true)',
      fires: fires('t.tgenabled'),
      inherited: flag('t.tgparentid <> 0'),
      comment: comment('t.oid', 'pg_trigger'),
    },
    from: `pg_trigger t, pg_class c WHERE t.tgrelid = ANY (${scope.oids(oids)}) AND NOT t.tgisinternal AND c.oid = t.tgrelid`,
  });
}

/** Rewrite rules, but those that make a view a view. */
export function rules(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'rule'`,
    name: attachedName('r.rulename'),
    parent: relationKey('c'),
    properties: {
      definition: 'pg_get_ruledef(r.oid, true)',
      fires: fires('r.ev_enabled'),
      comment: comment('r.oid', 'pg_rewrite'),
    },
    from: `pg_rewrite r, pg_class c WHERE r.ev_class = ANY (${scope.oids(oids)}) AND r.rulename <> '_RETURN' AND c.oid = r.ev_class`,
  });
}

/** Policies of row security. */
export function policies(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'policy'`,
    name: attachedName('p.polname'),
    parent: relationKey('c'),
    properties: {
      command: word('p.polcmd', { r: 'select', a: 'insert', w: 'update', d: 'delete' }),
      restrictive: flag('NOT p.polpermissive'),
      roles: `(SELECT json_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END) FROM unnest(p.polroles) r)`,
      using: 'pg_get_expr(p.polqual, p.polrelid)',
      check: 'pg_get_expr(p.polwithcheck, p.polrelid)',
      comment: comment('p.oid', 'pg_policy'),
    },
    from: `pg_policy p, pg_class c WHERE p.polrelid = ANY (${scope.oids(oids)}) AND c.oid = p.polrelid`,
  });
}

/** Extended statistics: what is to be gathered, never what was. */
export function statistics(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'statistics'`,
    name: 'quote_ident(s.stxname)',
    parent: relationKey('c'),
    properties: {
      owner: 'pg_get_userbyid(s.stxowner)',
      on: `s.stxrelid::regclass::text || ' (' || pg_get_statisticsobjdef_columns(s.oid) || ')'`,
      kinds: `(SELECT json_agg(${word('k', { d: 'ndistinct', f: 'dependencies', m: 'mcv', e: 'expressions' })}) FROM unnest(s.stxkind) k)`,
      target: 'nullif(s.stxstattarget, -1)',
      comment: comment('s.oid', 'pg_statistic_ext'),
    },
    from: `pg_statistic_ext s, pg_class c WHERE s.oid = ANY (${scope.oids(oids)}) AND c.oid = s.stxrelid`,
  });
}
