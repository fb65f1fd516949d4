import {
  brokerRole,
  cellLeaseSql,
  grantFunction,
  leaseSchema,
  revokeFunction,
  tenantId,
  tenantLeaseSql,
} from '@tenantry/tenancy';
import type { LeaseFunctionRule } from './types.ts';

const sample = tenantId('t_aaaaaaaaaaaa');

/**
 * The lease functions as the library makes them, read from its own statements: a body that was changed is found letter by
 * letter, and there is no second copy here that could fall behind. Where tenants are not leased they need none of their own.
 */
export function leaseFunctions(leased: boolean): readonly LeaseFunctionRule[] {
  const tenant = tenantLeaseSql(sample);
  const cell = cellLeaseSql({ slots: 0, verifiers: new Map([[brokerRole, '']]) });
  const rule = (name: string, body: string, rest: Omit<LeaseFunctionRule, 'name' | 'body'>) => ({
    name: nameOf(name),
    body: body.replaceAll(sample, '{schema}'),
    ...rest,
  });
  return [
    rule(grantFunction(sample), bodyAfter(tenant, `${grantFunction(sample)}(`, '$lease$'), {
      arguments: 'text',
      owner: 'owner',
      each: true,
      required: leased,
    }),
    rule(revokeFunction(sample), bodyAfter(tenant, `${revokeFunction(sample)}(`, '$lease$'), {
      arguments: 'text',
      owner: 'owner',
      each: true,
      required: leased,
    }),
    rule(`${leaseSchema}.claim`, bodyAfter(cell, `FUNCTION ${leaseSchema}.claim(`, '$claim$'), {
      arguments: 'text, text',
      owner: 'control',
      each: false,
      required: true,
    }),
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
