import { branch, comment, flag, sorted, word } from './fragments.ts';
import type { Scope } from './fragments.ts';

/** Collations; the version of the library that sorts is the machine's and left out. */
export function collations(scope: Scope, oids: readonly number[]): string {
  // By way of JSON: the column was renamed in PostgreSQL 17.
  const locale = `coalesce(to_json(c) ->> 'colllocale', to_json(c) ->> 'colliculocale', c.collcollate)`;
  return branch({
    kind: `'collation'`,
    name: 'quote_ident(c.collname)',
    properties: {
      owner: 'pg_get_userbyid(c.collowner)',
      provider: word('c.collprovider', { i: 'icu', c: 'libc', b: 'builtin', d: 'default' }),
      locale,
      ctype: 'c.collctype',
      rules: 'c.collicurules',
      nondeterministic: flag('NOT c.collisdeterministic'),
      comment: comment('c.oid', 'pg_collation'),
    },
    from: `pg_collation c WHERE c.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Encoding conversions. */
export function conversions(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'conversion'`,
    name: 'quote_ident(c.conname)',
    properties: {
      owner: 'pg_get_userbyid(c.conowner)',
      from: 'pg_encoding_to_char(c.conforencoding)',
      to: 'pg_encoding_to_char(c.contoencoding)',
      function: 'c.conproc::text',
      isDefault: flag('c.condefault'),
      comment: comment('c.oid', 'pg_conversion'),
    },
    from: `pg_conversion c WHERE c.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Operators. */
export function operators(scope: Scope, oids: readonly number[]): string {
  const optional = (column: string, type: string) =>
    `CASE WHEN o.${column}::oid <> 0 THEN o.${column}::oid::${type}::text END`;
  const side = (column: string) =>
    `CASE o.${column} WHEN 0 THEN 'NONE' ELSE format_type(o.${column}, NULL) END`;
  return branch({
    kind: `'operator'`,
    name: 'o.oprname::text',
    arguments: `'(' || ${side('oprleft')} || ', ' || ${side('oprright')} || ')'`,
    properties: {
      owner: 'pg_get_userbyid(o.oprowner)',
      function: optional('oprcode', 'regproc'),
      commutator: optional('oprcom', 'regoperator'),
      negator: optional('oprnegate', 'regoperator'),
      restrict: optional('oprrest', 'regproc'),
      join: optional('oprjoin', 'regproc'),
      hashes: flag('o.oprcanhash'),
      merges: flag('o.oprcanmerge'),
      comment: comment('o.oid', 'pg_operator'),
    },
    from: `pg_operator o WHERE o.oid = ANY (${scope.oids(oids)})`,
  });
}

const method = (column: string) => `(SELECT amname FROM pg_am WHERE oid = ${column})`;

/** Operator classes. */
export function operatorClasses(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'operator class'`,
    name: `quote_ident(c.opcname) || ' using ' || ${method('c.opcmethod')}`,
    properties: {
      owner: 'pg_get_userbyid(c.opcowner)',
      type: 'format_type(c.opcintype, NULL)',
      stored: 'CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END',
      family: '(SELECT quote_ident(f.opfname) FROM pg_opfamily f WHERE f.oid = c.opcfamily)',
      isDefault: flag('c.opcdefault'),
      comment: comment('c.oid', 'pg_opclass'),
    },
    from: `pg_opclass c WHERE c.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Operator families with their operators and support functions. */
export function operatorFamilies(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'operator family'`,
    name: `quote_ident(f.opfname) || ' using ' || ${method('f.opfmethod')}`,
    properties: {
      owner: 'pg_get_userbyid(f.opfowner)',
      operators: `(SELECT json_agg(m.amopstrategy || ' ' || m.amopopr::regoperator || coalesce(' order by '
        || (SELECT s.opfname FROM pg_opfamily s WHERE s.oid = m.amopsortfamily), '')
        ORDER BY m.amopstrategy, m.amopopr::regoperator::text COLLATE "C") FROM pg_amop m WHERE m.amopfamily = f.oid)`,
      functions: `(SELECT json_agg(m.amprocnum || ' ' || format_type(m.amproclefttype, NULL) || ' ' || format_type(m.amprocrighttype, NULL)
        || ' ' || m.amproc::oid::regprocedure ORDER BY m.amprocnum, m.amproc::oid::regprocedure::text COLLATE "C")
        FROM pg_amproc m WHERE m.amprocfamily = f.oid)`,
      comment: comment('f.oid', 'pg_opfamily'),
    },
    from: `pg_opfamily f WHERE f.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Text search configurations with their mappings. */
export function searchConfigurations(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'text search configuration'`,
    name: 'quote_ident(c.cfgname)',
    properties: {
      owner: 'pg_get_userbyid(c.cfgowner)',
      parser: `(SELECT quote_ident(p.prsname) FROM pg_ts_parser p WHERE p.oid = c.cfgparser)`,
      mappings: `(SELECT json_object_agg(m.token, m.dictionaries) FROM (
        SELECT m.maptokentype AS token, json_agg(m.mapdict::regdictionary::text ORDER BY m.mapseqno) AS dictionaries
        FROM pg_ts_config_map m WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) m)`,
      comment: comment('c.oid', 'pg_ts_config'),
    },
    from: `pg_ts_config c WHERE c.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Text search dictionaries. */
export function searchDictionaries(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'text search dictionary'`,
    name: 'quote_ident(d.dictname)',
    properties: {
      owner: 'pg_get_userbyid(d.dictowner)',
      template: `(SELECT quote_ident(t.tmplname) FROM pg_ts_template t WHERE t.oid = d.dicttemplate)`,
      options: 'd.dictinitoption',
      comment: comment('d.oid', 'pg_ts_dict'),
    },
    from: `pg_ts_dict d WHERE d.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Text search parsers and templates, which only superusers make. */
export function searchParsers(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'text search parser'`,
    name: 'quote_ident(p.prsname)',
    properties: {
      functions: sorted(
        `ARRAY['start ' || p.prsstart, 'token ' || p.prstoken, 'end ' || p.prsend, 'types ' || p.prslextype, 'headline ' || p.prsheadline]`,
      ),
      comment: comment('p.oid', 'pg_ts_parser'),
    },
    from: `pg_ts_parser p WHERE p.oid = ANY (${scope.oids(oids)})`,
  });
}

/** Text search templates. */
export function searchTemplates(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'text search template'`,
    name: 'quote_ident(t.tmplname)',
    properties: {
      functions: sorted(`ARRAY['init ' || t.tmplinit, 'lexize ' || t.tmpllexize]`),
      comment: comment('t.oid', 'pg_ts_template'),
    },
    from: `pg_ts_template t WHERE t.oid = ANY (${scope.oids(oids)})`,
  });
}
