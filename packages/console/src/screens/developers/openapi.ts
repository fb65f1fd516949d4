import { endpoints, type EndpointName, type Permission } from '@tenantry/contract';

/** The part of JSON Schema that the API's own description uses. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

interface DescribedParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface DescribedOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** `GET /openapi.json`. */
export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

export interface Parameter {
  readonly name: string;
  readonly place: 'path' | 'query';
  readonly required: boolean;
  readonly description: string | undefined;
  readonly schema: Schema;
}

/** One operation of the API, as the reference shows it. */
export interface ApiOperation {
  readonly id: string;
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  /** Null where being signed in will do. */
  readonly permission: Permission | null;
  readonly idempotent: boolean;
  /** Anything but GET, and the POSTs that only look. */
  readonly writes: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly status: string;
  readonly response: Schema | undefined;
  /** Of success. */
  readonly contentType: string;
}

/** They are POST because they take long or have a body; they change nothing. */
const readsOnly: ReadonlySet<string> = new Set([
  'checkCell',
  'planTenant',
  'runPlaygroundQuery',
  'verifyAudit',
] satisfies EndpointName[]);

/** Every operation, in the order of the API's own table. */
export function operationsOf({ paths }: OpenApi): readonly ApiOperation[] {
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]) =>
      described.operationId === undefined ? [] : [operationOf(path, method.toUpperCase(), described)],
    ),
  );
  const order = Object.keys(endpoints);
  return found.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

function operationOf(path: string, method: string, described: DescribedOperation): ApiOperation {
  const {
    operationId: id,
    summary,
    description = '',
    tags,
    parameters = [],
    requestBody,
    responses,
  } = described;
  const [status = '200', success] =
    Object.entries(responses).find(([code]) => code.startsWith('2')) ?? ([] as const);
  const [contentType = 'application/json', content] = Object.entries(success?.content ?? {})[0] ?? [];
  return {
    id,
    tag: tags?.[0] ?? 'other',
    method,
    path,
    summary: summary ?? id,
    permission: Object.hasOwn(endpoints, id) ? endpoints[id as EndpointName].permission : null,
    idempotent: description.includes('Idempotency-Key'),
    writes: method !== 'GET' && !readsOnly.has(id),
    parameters: parameters.flatMap(({ name, in: place, required = false, description: meaning, schema }) =>
      place === 'path' || place === 'query'
        ? [{ name, place, required, description: meaning ?? schema.description, schema } as const]
        : [],
    ),
    body: requestBody?.content['application/json']?.schema,
    status,
    response: content?.schema,
    contentType,
  };
}

/** The operations that fit what somebody types: words of the summary, the path, the id. */
export function searchOperations(operations: readonly ApiOperation[], text: string): readonly ApiOperation[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter(({ id, method, path, summary, tag }) => {
    const all = `${id} ${method} ${path} ${summary} ${tag}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
