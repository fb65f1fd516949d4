import {
  brokerRole,
  cellLeaseSql,
  grantFunction,
  leaseFunctions,
  leaseSchema,
  revokeFunction,
  tenantId,
  tenantLeaseSql,
} from '@tenantry/tenancy';
import type { LeaseFunctionRule } from './types.ts';

const sample = tenantId('t_aaaaaaaaaaaa');
/** What stands around the body of each function of a cell. */
const quotes = {
  claim: '$claim$',
  lend: '$lend$',
  take_back: '$lend$',
  open_slot: '$open$',
  shut_slot: '$open$',
} as const;

/**
 * The lease functions as the library makes them, read from its own statements: a body that was changed is found letter by
 * letter, and there is no second copy here that could fall behind. Where tenants are not leased they need none of their own.
 */
export function leaseFunctionRules(leased: boolean): readonly LeaseFunctionRule[] {
  const tenant = tenantLeaseSql(sample);
  const cell = cellLeaseSql({ slots: 0, verifiers: new Map([[brokerRole, '']]) });
  const rule = (name: string, body: string, rest: Omit<LeaseFunctionRule, 'name' | 'body'>) => ({
    name: nameOf(name),
    body: body.replaceAll(sample, '{schema}'),
    ...rest,
  });
  const ofTenant = { arguments: 'text', owner: 'owner', definer: true, language: 'sql', each: true } as const;
  const ofCell = { owner: 'control', language: 'plpgsql', each: false, required: true } as const;
  const shared = (name: string) => `${leaseSchema}.${name}`;
  return [
    ...[grantFunction(sample), revokeFunction(sample)].map((name) =>
      rule(name, bodyAfter(tenant, `${name}(`, '$lease$'), { ...ofTenant, required: leased }),
    ),
    ...Object.values(leaseFunctions).flatMap((called) =>
      called.names.map((name) =>
        rule(shared(name), bodyAfter(cell, `FUNCTION ${shared(name)}(`, quotes[name]), {
          ...ofCell,
          arguments: called.arguments,
          definer: quotes[name] !== '$lend$',
        }),
      ),
    ),
  ];
}

/** The name alone, with the tenant taken out of it. */
function nameOf(qualified: string): string {
  return qualified
    .slice(qualified.indexOf('.') + 1)
    .replaceAll('"', '')
    .replaceAll(sample, '{schema}');
}

/** The text between two dollar quotes, after the place where the function is named. */
function bodyAfter(sql: string, start: string, quote: string): string {
  const from = sql.indexOf(quote, sql.indexOf(start)) + quote.length;
  return sql.slice(from, sql.indexOf(quote, from));
}
