import { branch, comment, flag, grants, word } from './fragments.ts';
import type { Scope } from './fragments.ts';

const procedure = (column: string) => `CASE WHEN t.${column}::oid <> 0 THEN t.${column}::text END`;
const base = (sql: string) => `CASE WHEN t.typtype = 'b' THEN ${sql} END`;
const range = (sql: string) =>
  `CASE WHEN t.typtype = 'r' THEN (SELECT ${sql} FROM pg_range r WHERE r.rngtypid = t.oid) END`;

/** Enums, domains, composite, range and base types. Row types of tables and array types are part of their own. */
export function types(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `coalesce(${word('t.typtype', { e: 'enum', d: 'domain', c: 'composite type', r: 'range type', p: 'shell type' })}, 'base type')`,
    name: 'quote_ident(t.typname)',
    properties: {
      owner: 'pg_get_userbyid(t.typowner)',
      labels: `CASE WHEN t.typtype = 'e' THEN
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) END`,
      type: `CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END`,
      notNull: flag('t.typnotnull'),
      default: `CASE WHEN t.typtype = 'd' THEN coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) ELSE t.typdefault END`,
      collation: `CASE WHEN t.typtype = 'd' AND t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype)
      THEN t.typcollation::regcollation::text END`,
      attributes: `CASE WHEN t.typtype = 'c' THEN (SELECT json_agg(json_strip_nulls(json_build_object('name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod), 'collation', CASE WHEN a.attcollation <> b.typcollation
          THEN a.attcollation::regcollation::text END, 'comment', ${comment('a.attrelid', 'pg_class', 'a.attnum')})) ORDER BY a.attnum)
      FROM pg_attribute a, pg_type b
      WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped AND b.oid = a.atttypid) END`,
      subtype: range('format_type(r.rngsubtype, NULL)'),
      multirange: range('format_type(r.rngmultitypid, NULL)'),
      rangeCollation: range('CASE WHEN r.rngcollation <> 0 THEN r.rngcollation::regcollation::text END'),
      operatorClass: range('(SELECT c.opcname FROM pg_opclass c WHERE c.oid = r.rngsubopc)'),
      canonical: range('CASE WHEN r.rngcanonical::oid <> 0 THEN r.rngcanonical::text END'),
      difference: range('CASE WHEN r.rngsubdiff::oid <> 0 THEN r.rngsubdiff::text END'),
      length: base('t.typlen'),
      byValue: base('t.typbyval'),
      alignment: base('t.typalign'),
      storage: base('t.typstorage'),
      category: base(`t.typcategory::text || CASE WHEN t.typispreferred THEN ' preferred' ELSE '' END`),
      delimiter: base('t.typdelim'),
      collatable: base('nullif(t.typcollation <> 0, false)'),
      element: base('CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END'),
      input: base(procedure('typinput')),
      output: base(procedure('typoutput')),
      receive: base(procedure('typreceive')),
      send: base(procedure('typsend')),
      modifierInput: base(procedure('typmodin')),
      modifierOutput: base(procedure('typmodout')),
      analyze: base(procedure('typanalyze')),
      subscript: base(procedure('typsubscript')),
      grants: grants('t.typacl', 'T', 't.typowner'),
      comment: comment('t.oid', 'pg_type'),
    },
    from: `pg_type t WHERE t.oid = ANY (${scope.oids(oids)})
    AND (t.typtype <> 'c' OR (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c') AND t.typtype <> 'm'`,
  });
}

/** Constraints of domains; NOT NULL is a property of the domain. */
export function domainConstraints(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'constraint'`,
    name: `quote_ident(t.typname) || '.' || quote_ident(k.conname)`,
    parent: `'domain ' || quote_ident(t.typname)`,
    properties: {
      definition: 'pg_get_constraintdef(k.oid, true)',
      comment: comment('k.oid', 'pg_constraint'),
    },
    from: `pg_constraint k, pg_type t WHERE k.contypid = ANY (${scope.oids(oids)}) AND k.contype = 'c' AND t.oid = k.contypid`,
  });
}
