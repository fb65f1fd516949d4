import { branch, comment, grants, grantsOf, word } from './fragments.ts';
import type { Scope } from './fragments.ts';

/** The schema itself. */
export function schemaItself(scope: Scope): string {
  return branch({
    kind: `'schema'`,
    name: `'<schema>'`,
    properties: {
      owner: 'pg_get_userbyid(n.nspowner)',
      grants: grants('n.nspacl', 'n', 'n.nspowner'),
      comment: comment('n.oid', 'pg_namespace'),
    },
    from: `pg_namespace n WHERE n.oid = ANY (${scope.oids([scope.schema])})`,
  });
}

/** Default privileges in the schema, and those of its owner everywhere: what the next migration's objects will get. */
export function defaultPrivileges(scope: Scope): string {
  const objects = word('a.defaclobjtype', {
    r: 'tables',
    S: 'sequences',
    f: 'functions',
    T: 'types',
    n: 'schemas',
    L: 'large objects',
  });
  return branch({
    kind: `'default privileges'`,
    name: `${objects} || CASE a.defaclnamespace WHEN 0 THEN '' ELSE ' in schema' END`,
    arguments: 'pg_get_userbyid(a.defaclrole)::text',
    properties: { grants: `coalesce(${grantsOf('a.defaclacl')}, '{}'::json)` },
    from: `pg_default_acl a WHERE a.oid = ANY (ARRAY(
      SELECT d.objid FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (${scope.oids([scope.schema])})
        AND d.classid = 'pg_default_acl'::regclass
      UNION ALL
      SELECT o.oid FROM pg_default_acl o WHERE o.defaclrole = ANY (${scope.oids([scope.owner])}) AND o.defaclnamespace = 0))`,
  });
}

/** Extensions whose objects lie in the schema; the objects themselves belong to the extension and are not listed. */
export function extensions(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: `'extension'`,
    name: 'quote_ident(e.extname)',
    properties: { version: 'e.extversion', comment: comment('e.oid', 'pg_extension') },
    from: `pg_extension e WHERE e.oid = ANY (${scope.oids(oids)})`,
  });
}
