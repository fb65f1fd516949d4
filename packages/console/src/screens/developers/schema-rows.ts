import type { Schema } from './openapi.ts';

/** One field of a schema, as a line of a table. */
export interface SchemaRow {
  /** `steps[].error.code` from the top of the schema. */
  readonly path: string;
  readonly depth: number;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string | undefined;
  readonly values: readonly string[];
}

/** Deeper fields say less than they take room. */
const deepest = 4;

/** The fields of a schema, each below the one that it belongs to. */
export function rowsOf(schema: Schema | undefined): readonly SchemaRow[] {
  return schema === undefined ? [] : fieldsOf(schema, '', 0);
}

function fieldsOf(schema: Schema, path: string, depth: number): readonly SchemaRow[] {
  const { inner, suffix } = unwrap(schema);
  if (depth > deepest) return [];
  const prefix = path + suffix;
  return Object.entries(inner.properties ?? {}).flatMap(([name, field]) => {
    const at = prefix === '' ? name : `${prefix}.${name}`;
    const plain = unwrap(field).inner;
    return [
      {
        path: at,
        depth,
        name,
        type: typeOf(field),
        required: inner.required?.includes(name) ?? false,
        description: field.description ?? plain.description,
        values: (plain.enum ?? []).map(String),
      },
      ...fieldsOf(field, at, depth + 1),
    ];
  });
}

/** The object that a field is about: without "or null", and of a list its items. */
function unwrap(schema: Schema): { readonly inner: Schema; readonly suffix: string } {
  const some = withoutNull(schema);
  if (some.items === undefined) return { inner: some, suffix: '' };
  const below = unwrap(some.items);
  return { inner: below.inner, suffix: `[]${below.suffix}` };
}

function withoutNull(schema: Schema): Schema {
  const options = (schema.anyOf ?? []).filter(({ type }) => type !== 'null');
  if (options.length === 1) return withoutNull(options[0]!);
  return schema.allOf?.length === 1 ? withoutNull(schema.allOf[0]!) : schema;
}

/** As a reader says it: `string or null`, `list of string`, `date-time`. */
export function typeOf(schema: Schema): string {
  const options = schema.anyOf ?? [];
  if (options.length > 0) return options.map(typeOf).join(' or ');
  if (schema.allOf?.length === 1) return typeOf(schema.allOf[0]!);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`;
  return schema.format ?? schema.type ?? 'anything';
}

/**
 * A body to begin with: what is required, empty, and nothing else.
 *
 * ```ts
 * sampleOf({ type: 'object', required: ['slug'], properties: { slug: { type: 'string' } } }) // { slug: '' }
 * ```
 */
export function sampleOf(schema: Schema): unknown {
  const plain = withoutNull(schema);
  if (plain.default !== undefined) return plain.default;
  if (plain.const !== undefined) return plain.const;
  if (plain.enum !== undefined) return plain.enum[0];
  switch (plain.type ?? 'string') {
    case 'object':
      return Object.fromEntries(
        Object.entries(plain.properties ?? {})
          .filter(([name]) => plain.required?.includes(name))
          .map(([name, field]) => [name, sampleOf(field)]),
      );
    case 'array':
      return (plain.minItems ?? 0) > 0 && plain.items ? [sampleOf(plain.items)] : [];
    case 'integer':
    case 'number':
      return plain.minimum ?? 0;
    case 'boolean':
      return false;
    default:
      return '';
  }
}
