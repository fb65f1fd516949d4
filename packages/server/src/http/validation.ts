import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Convert } from 'typebox/value';
import { TenantryError } from '../errors.ts';

/** More than this many complaints help nobody. */
const mostErrors = 20;

/**
 * Checks requests against the contract's schemas. Texts of a query become the numbers and booleans that the schema asks
 * for; a body is taken as it is: a number that came as a text is an error, and so is a field that is not known.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  const convert = httpPart === 'querystring' || httpPart === 'params';
  return (value: unknown) => {
    const given = convert ? Convert(schema, value) : value;
    if (check.Check(given)) return { value: given };
    const errors = check
      .Errors(given)
      .slice(0, mostErrors)
      .map(({ instancePath, message, params }) => ({
        path: instancePath === '' ? (httpPart ?? 'request') : instancePath,
        message: `${message}${unknownFields(params)}`,
      }));
    const first = errors[0];
    const text = first ? `${first.path}: ${first.message}` : undefined;
    return { error: new TenantryError('VALIDATION', text, { errors }) };
  };
};

function unknownFields(params: unknown): string {
  const names = (params as { readonly additionalProperties?: unknown }).additionalProperties;
  return Array.isArray(names) ? `: ${names.join(', ')}` : '';
}
