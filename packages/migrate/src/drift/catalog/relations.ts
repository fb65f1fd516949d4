import {
  branch,
  comment,
  flag,
  grants,
  grantsOf,
  relationKey,
  relationWord,
  sorted,
  word,
} from './fragments.ts';
import type { Scope } from './fragments.ts';

const persistence = word('c.relpersistence', { u: 'unlogged', t: 'temporary' });
const tablespace = (alias: string) =>
  `(SELECT spcname FROM pg_tablespace WHERE oid = ${alias}.reltablespace)`;

/** Tables, partitioned and foreign ones too, views and materialized views. */
export function relations(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: relationWord('c.relkind'),
    name: 'quote_ident(c.relname)',
    properties: {
      owner: 'pg_get_userbyid(c.relowner)',
      persistence,
      definition: `CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END`,
      populated: `CASE c.relkind WHEN 'm' THEN c.relispopulated END`,
      partitionBy: `CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END`,
      partition: 'pg_get_expr(c.relpartbound, c.oid)',
      inherits: `(SELECT json_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)`,
      detaching: `(SELECT true FROM pg_inherits i WHERE i.inhrelid = c.oid AND i.inhdetachpending)`,
      ofType: 'CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END',
      accessMethod: '(SELECT amname FROM pg_am WHERE oid = c.relam)',
      tablespace: tablespace('c'),
      options: sorted('c.reloptions'),
      toastOptions: `(SELECT json_agg(o ORDER BY o COLLATE "C") FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid)`,
      rowSecurity: flag('c.relrowsecurity'),
      forceRowSecurity: flag('c.relforcerowsecurity'),
      replicaIdentity: word('c.relreplident', { n: 'nothing', f: 'full', i: 'index' }),
      server: `(SELECT s.srvname FROM pg_foreign_table f, pg_foreign_server s WHERE f.ftrelid = c.oid AND s.oid = f.ftserver)`,
      serverOptions: `(SELECT json_agg(o ORDER BY o COLLATE "C") FROM pg_foreign_table f, unnest(f.ftoptions) o WHERE f.ftrelid = c.oid)`,
      columns: `(SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`,
      grants: grants('c.relacl', 'r', 'c.relowner'),
      comment: comment('c.oid', 'pg_class'),
    },
    from: `pg_class c WHERE c.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Columns of what `relations` lists. The order of columns is the relation's. */
export function columns(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'column'`,
    name: `quote_ident(c.relname) || '.' || quote_ident(a.attname)`,
    parent: relationKey('c'),
    properties: {
      type: 'format_type(a.atttypid, a.atttypmod)',
      notNull: flag('a.attnotnull'),
      default: `(SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)`,
      identity: word('a.attidentity', { a: 'always', d: 'by default' }),
      generated: word('a.attgenerated', { s: 'stored', v: 'virtual' }),
      collation: `CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END`,
      storage: `CASE WHEN a.attstorage <> t.typstorage THEN ${word('a.attstorage', { p: 'plain', e: 'external', m: 'main', x: 'extended' })} END`,
      compression: word('a.attcompression', { p: 'pglz', l: 'lz4' }),
      statistics: 'nullif(a.attstattarget, -1)',
      options: sorted('a.attoptions'),
      serverOptions: sorted('a.attfdwoptions'),
      inheritance: `CASE WHEN a.attinhcount > 0 THEN CASE WHEN a.attislocal THEN 'merged' ELSE 'inherited' END END`,
      grants: `CASE WHEN a.attacl IS NOT NULL THEN ${grantsOf('a.attacl')} END`,
      comment: comment('a.attrelid', 'pg_class', 'a.attnum'),
    },
    from: `pg_class c, pg_attribute a, pg_type t
  WHERE c.oid = ANY (${scope.oids(oids)}) AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND t.oid = a.atttypid`,
  });
}

/** Sequences with their parameters, never their values. One that a column owns is a part of the column. */
export function sequences(scope: Scope, oids: readonly number[]): string {
  const owned = (what: string) => `(SELECT ${what} FROM pg_depend d, pg_class t, pg_attribute a
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = 'pg_class'::regclass
        AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND t.oid = d.refobjid
        AND a.attrelid = d.refobjid AND a.attnum = d.refobjsubid)`;
  const column = `quote_ident(t.relname) || '.' || quote_ident(a.attname)`;
  return branch({
    kind: `'sequence'`,
    name: 'quote_ident(c.relname)',
    parent: owned(`'column ' || ${column}`),
    properties: {
      owner: 'pg_get_userbyid(c.relowner)',
      persistence,
      type: 'format_type(s.seqtypid, NULL)',
      // As text: they may be beyond what a double holds exactly.
      start: 's.seqstart::text',
      increment: 's.seqincrement::text',
      minimum: 's.seqmin::text',
      maximum: 's.seqmax::text',
      cache: 's.seqcache::text',
      cycle: flag('s.seqcycle'),
      ownedBy: owned(column),
      grants: grants('c.relacl', 's', 'c.relowner'),
      comment: comment('c.oid', 'pg_class'),
    },
    from: `pg_class c, pg_sequence s WHERE c.oid = ANY (${scope.oids(oids)}) AND s.seqrelid = c.oid`,
  });
}
