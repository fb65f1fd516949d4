import * as attached from './catalog/attached.ts';
import type { Scope } from './catalog/fragments.ts';
import * as rare from './catalog/rare.ts';
import { columns, relations, sequences } from './catalog/relations.ts';
import { aggregates, routines } from './catalog/routines.ts';
import { defaultPrivileges, extensions, schemaItself } from './catalog/schema.ts';
import { domainConstraints, types } from './catalog/types.ts';
import type { FoundSchema } from './scope.ts';

type Branch = (scope: Scope, oids: readonly number[]) => string;

/** What is read for the relations that columns, constraints and the like hang on. */
const ofRelations: readonly Branch[] = [
  relations,
  columns,
  attached.indexes,
  attached.constraints,
  attached.triggers,
  attached.rules,
  attached.policies,
];

/** What is read for the objects of a catalog. */
const ofCatalog: Readonly<Record<string, readonly Branch[]>> = {
  'pg_class S': [sequences],
  pg_statistic_ext: [attached.statistics],
  pg_proc: [routines, aggregates],
  pg_type: [types, domainConstraints],
  pg_extension: [extensions],
  pg_collation: [rare.collations],
  pg_conversion: [rare.conversions],
  pg_operator: [rare.operators],
  pg_opclass: [rare.operatorClasses],
  pg_opfamily: [rare.operatorFamilies],
  pg_ts_config: [rare.searchConfigurations],
  pg_ts_dict: [rare.searchDictionaries],
  pg_ts_parser: [rare.searchParsers],
  pg_ts_template: [rare.searchTemplates],
};

/** The query that reads all objects of a schema; `path` is the search_path under which names are spelled. */
export function catalogQuery(
  { oid, ownerOid, oids }: FoundSchema,
  path: string,
): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [path];
  const scope: Scope = {
    schema: oid,
    owner: ownerOid,
    oids: (list) => `$${values.push(list)}::oid[]`,
  };
  const tables = ['r', 'p', 'v', 'm', 'f'].flatMap((relkind) => oids.get(`pg_class ${relkind}`) ?? []);
  const branches = [schemaItself(scope), defaultPrivileges(scope)];
  if (tables.length > 0) branches.push(...ofRelations.map((branch) => branch(scope, tables)));
  for (const [catalog, readers] of Object.entries(ofCatalog)) {
    const list = oids.get(catalog);
    if (list !== undefined) branches.push(...readers.map((branch) => branch(scope, list)));
  }
  const text = `WITH path AS MATERIALIZED (SELECT set_config('search_path', $1, true))\n${branches.join('\nUNION ALL\n')}`;
  return { text, values };
}
