import {
  endpoints,
  EventMessage,
  Problem,
  roleAllows,
  roles,
  type Endpoint,
  type EndpointName,
  type Permission,
} from '@tenantry/contract';
import { anchor, code, plain, table } from './markdown.ts';
import { fieldTable, namedSchemas, typeOf, type JsonSchema } from './schema.ts';

const names = Object.keys(endpoints) as EndpointName[];

/** Every endpoint of the contract, and the objects that they give back. */
export function renderApi(): string {
  const tags = [...new Set(names.map((name) => endpoints[name].tag))];
  const sections = tags.map((tag) => {
    const own = names.filter((name) => endpoints[name].tag === tag);
    return `## ${tag}\n\n${own.map(endpointSection).join('\n\n')}`;
  });
  return [
    'How to use it, with examples: [the API guide](../api.md). The same as OpenAPI 3.1: `GET /openapi.json` of a running server.',
    `The codes of problems: [errors](errors.md).`,
    overview(),
    ...sections,
    objects(),
  ].join('\n\n');
}

function overview(): string {
  const rows = names.map((name) => {
    const { method, path, permission, summary }: Endpoint = endpoints[name];
    return [
      `[${name}](#${anchor(name)})`,
      code(`${method} ${path}`),
      permission === null ? '–' : code(permission),
      plain(summary),
    ];
  });
  return `## All endpoints\n\n${table(['Name', 'Address', 'Permission', 'What it does'], rows)}`;
}

function endpointSection(name: EndpointName): string {
  const endpoint: Endpoint = endpoints[name];
  const facts = [
    `${plain(endpoint.summary)}.`,
    '',
    '```http',
    `${endpoint.method} ${endpoint.path}`,
    '```',
    '',
    `- Permission: ${permissionText(endpoint.permission)}`,
    `- Success: ${endpoint.status}${endpoint.contentType === undefined ? '' : `, ${code(endpoint.contentType)}`}`,
    ...(endpoint.idempotent === true ? ['- Takes an `Idempotency-Key` header'] : []),
  ].join('\n');
  const parts = [
    part('Path', endpoint.params),
    part('Query', endpoint.query),
    part('Body', endpoint.body),
    part('Answer', endpoint.response),
  ];
  return [`### ${name}`, facts, ...parts.filter((text) => text !== '')].join('\n\n');
}

function permissionText(permission: Permission | null): string {
  if (permission === null) return 'none; any valid key will do';
  return `${code(permission)} (${roles.filter((role) => roleAllows(role, permission)).join(', ')})`;
}

function part(title: string, schema: unknown): string {
  if (schema === undefined) return '';
  const known = schema as JsonSchema;
  return `**${title}**${known.$id === undefined ? `\n\n${fieldTable(known)}` : `: ${typeOf(known)}`}`;
}

function objects(): string {
  const named = new Map<string, JsonSchema>();
  for (const name of names) {
    const { response }: Endpoint = endpoints[name];
    if (response !== undefined) namedSchemas(response, named);
  }
  named.set('Problem', Problem);
  // Its record of any JSON has no type of its own in the schema's types.
  named.set('Event of the stream', EventMessage as unknown as JsonSchema);
  const sections = [...named].map(([id, schema]) => `### ${id}\n\n${fieldTable(schema)}`);
  return `## Objects\n\n${sections.join('\n\n')}`;
}
