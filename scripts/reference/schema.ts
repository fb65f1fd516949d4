import { anchor, code, plain, table } from './markdown.ts';

/** The part of JSON Schema that the contract is written in. */
export interface JsonSchema {
  readonly $id?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
}

/** A table of an object's fields, nested ones by their path (`progress.done`, `items[].slug`). */
export function fieldTable(schema: JsonSchema): string {
  const rows = fieldsOf(schema, '');
  return rows.length === 0 ? 'No fields.' : table(['Field', 'Type', 'Required', 'Meaning'], rows);
}

/** Every schema with an `$id` in or below a schema, by that id. */
export function namedSchemas(
  schema: JsonSchema,
  into = new Map<string, JsonSchema>(),
): Map<string, JsonSchema> {
  if (schema.$id !== undefined) into.set(schema.$id, schema);
  for (const part of partsOf(schema)) namedSchemas(part, into);
  return into;
}

function partsOf(schema: JsonSchema): readonly JsonSchema[] {
  return [
    ...(schema.anyOf ?? []),
    ...(schema.items ? [schema.items] : []),
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.patternProperties ?? {}),
  ];
}

function fieldsOf(schema: JsonSchema, prefix: string): string[][] {
  const rows: string[][] = [];
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}`;
    const required = schema.required?.includes(name) === true ? 'yes' : 'no';
    rows.push([code(path), typeOf(field), required, meaningOf(field)]);
    rows.push(...below(field, path));
  }
  return rows;
}

/** The fields of what a field holds; a named object has a section of its own. */
function below(field: JsonSchema, path: string): string[][] {
  const { value, suffix } = unwrap(field);
  return value.$id === undefined ? fieldsOf(value, `${path}${suffix}.`) : [];
}

function unwrap(schema: JsonSchema): { readonly value: JsonSchema; readonly suffix: string } {
  const present = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  if (present.length === 1) return unwrap(present[0]!);
  if (schema.items !== undefined) {
    const { value, suffix } = unwrap(schema.items);
    return { value, suffix: `[]${suffix}` };
  }
  return { value: schema, suffix: '' };
}

/** A type in words: `text`, `whole number 1–100`, `a, b or c`, `list of Tenant`. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$id !== undefined) return `[${schema.$id}](#${anchor(schema.$id)})`;
  if (schema.anyOf !== undefined) {
    const types = schema.anyOf.map((part) => (part.type === 'null' ? 'null' : typeOf(part)));
    return types.join(' or ');
  }
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  switch (schema.type) {
    case 'string':
      return `${schema.format === 'date-time' ? 'time' : 'text'}${lengthOf(schema)}`;
    case 'integer':
      return `whole number${range(schema.minimum, schema.maximum)}`;
    case 'number':
      return 'number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
    case 'object':
      return schema.patternProperties === undefined ? 'object' : 'object of any keys';
    case undefined:
    default:
      return 'any JSON';
  }
}

function lengthOf({ minLength, maxLength }: JsonSchema): string {
  const text = range(minLength, maxLength);
  return text === '' ? '' : `,${text} characters`;
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum}–${maximum}`;
  if (maximum !== undefined) return ` up to ${maximum}`;
  return minimum === undefined ? '' : ` from ${minimum}`;
}

function meaningOf(schema: JsonSchema): string {
  const inner = schema.anyOf?.find((part) => part.description !== undefined);
  const described = schema.description ?? inner?.description;
  const parts = [
    described === undefined ? undefined : plain(described),
    schema.pattern === undefined ? undefined : `Pattern ${code(schema.pattern)}`,
    schema.default === undefined ? undefined : `Default ${code(JSON.stringify(schema.default))}`,
  ];
  return parts.filter((part) => part !== undefined).join('. ');
}
