import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { TenantryError } from '../errors.ts';

/** More than this many complaints help nobody. */
const mostErrors = 20;

/**
 * Checks requests against the contract's schemas. Texts of a query become the numbers that the schema asks for; a body is
 * taken as it is: a number that came as a text is an error, and so is a field that is not known.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  return (value: unknown) => {
    const given = httpPart === 'querystring' ? withNumbers(schema, value) : value;
    if (check.Check(given)) {
      // Only now: what fits a schema is not nested deeper than that.
      const unstorable = unstorableText(given, '');
      return unstorable === undefined ? { value: given } : { error: refusal(unstorable) };
    }
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

/**
 * The texts of a query that spell the whole number which the schema asks for, as numbers. Anything else stays as it is and
 * is then refused: half of a page, or `limit=true`, is a mistake and not a 1.
 */
function withNumbers(schema: TSchema, query: unknown): unknown {
  const { properties = {} } = schema as {
    readonly properties?: Readonly<Record<string, { type?: unknown }>>;
  };
  const entries = Object.entries(query as Readonly<Record<string, unknown>>).map(([name, value]) => {
    const isNumber = properties[name]?.type === 'integer' && typeof value === 'string';
    return [name, isNumber && /^-?\d{1,15}$/.test(value) ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}

/**
 * Where a text is that PostgreSQL cannot store: one with NUL, or with half of a surrogate pair. No field may hold one, and
 * found here it is the caller's mistake instead of an error of the database. A slug is judged by its own rules.
 */
function unstorableText(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') {
    return path === '/slug' || (value.isWellFormed() && !value.includes('\0')) ? undefined : path;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const found = unstorableText(part, `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refusal(path: string): TenantryError {
  const message = 'must not hold NUL or half of a surrogate pair';
  return new TenantryError('VALIDATION', `${path}: ${message}`, { errors: [{ path, message }] });
}

function unknownFields(params: unknown): string {
  const names = (params as { readonly additionalProperties?: unknown }).additionalProperties;
  return Array.isArray(names) ? `: ${names.join(', ')}` : '';
}
