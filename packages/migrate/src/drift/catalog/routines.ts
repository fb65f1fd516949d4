import { branch, comment, flag, grants, sorted, typeNames, word } from './fragments.ts';
import type { Scope } from './fragments.ts';

const callable = {
  name: 'quote_ident(p.proname)',
  arguments: `'(' || ${typeNames('p.proargtypes')} || ')'`,
} as const;

const common = {
  owner: 'pg_get_userbyid(p.proowner)',
  arguments: 'pg_get_function_arguments(p.oid)',
  result: `CASE WHEN p.prokind <> 'p' THEN pg_get_function_result(p.oid) END`,
  volatility: word('p.provolatile', { i: 'immutable', s: 'stable' }),
  parallel: word('p.proparallel', { s: 'safe', r: 'restricted' }),
  securityDefiner: flag('p.prosecdef'),
  config: sorted('p.proconfig'),
  grants: grants('p.proacl', 'f', 'p.proowner'),
  comment: comment('p.oid', 'pg_proc'),
};

/** Functions, procedures and window functions, but the constructors of range types, which are part of those. */
export function routines(scope: Scope, oids: readonly number[]): string {
  return branch({
    kind: word('p.prokind', { f: 'function', p: 'procedure', w: 'window function' }),
    ...callable,
    properties: {
      ...common,
      language: '(SELECT lanname FROM pg_language WHERE oid = p.prolang)',
      body: 'coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)',
      library: 'p.probin',
      strict: flag('p.proisstrict'),
      leakproof: flag('p.proleakproof'),
      cost: 'p.procost',
      rows: 'nullif(p.prorows, 0)',
      support: 'CASE WHEN p.prosupport::oid <> 0 THEN p.prosupport::text END',
      transforms: `CASE WHEN p.protrftypes IS NOT NULL THEN ${typeNames('p.protrftypes')} END`,
    },
    from: `pg_proc p WHERE p.oid = ANY (${scope.oids(oids)}) AND p.prokind <> 'a'
    AND (SELECT true FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i' LIMIT 1) IS NULL`,
  });
}

/** Aggregates. */
export function aggregates(scope: Scope, oids: readonly number[]): string {
  const procedure = (column: string) => `CASE WHEN a.${column}::oid <> 0 THEN a.${column}::text END`;
  return branch({
    kind: `'aggregate'`,
    ...callable,
    properties: {
      ...common,
      type: word('a.aggkind', { o: 'ordered-set', h: 'hypothetical-set' }),
      directArguments: 'nullif(a.aggnumdirectargs, 0)',
      transition: procedure('aggtransfn'),
      state: 'format_type(a.aggtranstype, NULL)',
      stateSpace: 'nullif(a.aggtransspace, 0)',
      initial: 'a.agginitval',
      final: procedure('aggfinalfn'),
      finalExtra: flag('a.aggfinalextra'),
      finalModifies: `nullif(a.aggfinalmodify, 'r')`,
      combine: procedure('aggcombinefn'),
      serialize: procedure('aggserialfn'),
      deserialize: procedure('aggdeserialfn'),
      movingTransition: procedure('aggmtransfn'),
      movingInverse: procedure('aggminvtransfn'),
      movingFinal: procedure('aggmfinalfn'),
      movingState: 'CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END',
      movingInitial: 'a.aggminitval',
      sortOperator: 'CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoperator::text END',
    },
    from: `pg_proc p, pg_aggregate a WHERE p.oid = ANY (${scope.oids(oids)}) AND a.aggfnoid = p.oid`,
  });
}
