import { IsolationError } from './isolation-error.ts';
import { foreignLayout, type ForeignLayoutOptions } from './layout/foreign.ts';
import { tenantryLayout } from './layout/tenantry.ts';
import type { Acceptance, Layout } from './layout/types.ts';

export { foreignLayout, type ForeignLayoutOptions } from './layout/foreign.ts';
export { tenantryLayout, type TenantryLayoutOptions } from './layout/tenantry.ts';

const styles = ['tenantry', 'schema-per-tenant', 'django-tenants', 'apartment'] as const;

type Given = Readonly<Record<string, unknown>>;

const keys = {
  file: [
    'style',
    'database',
    'control',
    'application',
    'tenants',
    'shared',
    'readers',
    'operators',
    'extensions',
    'replicationSlots',
    'historyTable',
    'lanes',
    'slots',
    'accepted',
  ],
  tenants: ['pattern', 'query', 'except', 'login', 'owner'],
  accepted: ['check', 'subject', 'reason'],
} as const;

/**
 * The layout that a configuration file describes, once its JSON is read. Throws ISOLATION_OPTION with the place in the file.
 *
 * ```json
 * { "style": "schema-per-tenant", "control": "app", "application": ["app"], "tenants": { "pattern": "^tenant_" }, "shared": ["public"] }
 * ```
 * @example
 * const layout = layoutFromFile({ style: 'django-tenants', control: 'django', application: ['django'], tenants: { query: 'SELECT schema_name FROM public.customers' } });
 */
export function layoutFromFile(config: unknown): Layout {
  const file = objectAt(config, 'The file', keys.file);
  const style = file['style'] ?? 'schema-per-tenant';
  if (!isOneOf(style, styles)) refuse(`"style" must be one of ${styles.join(', ')}.`);
  return style === 'tenantry' ? cellOf(file) : foreignLayout(foreignOf(file, style));
}

function cellOf(file: Given): Layout {
  for (const key of ['application', 'tenants', 'shared', 'historyTable'])
    if (file[key] !== undefined) refuse(`"${key}" does not belong to the style tenantry, which has its own.`);
  const lanes = listAt(file, 'lanes') ?? ['sealed', 'leased'];
  if (!lanes.every((lane) => isOneOf(lane, ['sealed', 'leased'] as const)))
    refuse('"lanes" must be a list of sealed, leased.');
  const { slots } = file;
  if (slots !== undefined && !(Number.isSafeInteger(slots) && (slots as number) >= 0))
    refuse('"slots" must be a whole number from 0.');
  return tenantryLayout({
    database: textAt(file, 'database') ?? '',
    lanes,
    accepted: acceptedOf(file),
    ...defined({
      control: textAt(file, 'control'),
      slots: slots as number | undefined,
      readers: listAt(file, 'readers'),
      extensions: listAt(file, 'extensions'),
      operators: listAt(file, 'operators'),
      replicationSlots: listAt(file, 'replicationSlots'),
    }),
  });
}

function foreignOf(
  file: Given,
  style: 'schema-per-tenant' | 'django-tenants' | 'apartment',
): ForeignLayoutOptions {
  for (const key of ['lanes', 'slots'])
    if (file[key] !== undefined) refuse(`"${key}" belongs to the style tenantry.`);
  const tenants = objectAt(file['tenants'] ?? {}, '"tenants"', keys.tenants);
  const pattern = textAt(tenants, 'pattern', 'tenants.');
  const query = textAt(tenants, 'query', 'tenants.');
  if (pattern !== undefined && query !== undefined)
    refuse('"tenants" has a "pattern" and a "query"; give one of them.');
  if (pattern === undefined && query === undefined)
    refuse(
      '"tenants" must say which schemas are tenants’: by a "pattern" (a regular expression) or a "query" with one column of names.',
    );
  const application = listAt(file, 'application');
  const login = nullableAt(tenants, 'login');
  if (application === undefined && (login === undefined || login === null))
    refuse(
      'Say whose SQL tenants run: "application", a list of roles, or "tenants.login", as in "{schema}".',
    );
  return {
    style,
    database: textAt(file, 'database') ?? '',
    control:
      textAt(file, 'control') ??
      application?.[0] ??
      refuse('"control" must name the role that makes tenants.'),
    application: application ?? [],
    tenants: {
      pattern: pattern ?? null,
      query: query ?? null,
      except: listAt(tenants, 'except', 'tenants.') ?? [],
      login: login ?? null,
      owner: nullableAt(tenants, 'owner') ?? null,
    },
    shared: listAt(file, 'shared') ?? ['public'],
    accepted: acceptedOf(file),
    ...defined({
      readers: listAt(file, 'readers'),
      operators: listAt(file, 'operators'),
      extensions: listAt(file, 'extensions'),
      replicationSlots: listAt(file, 'replicationSlots'),
      historyTable: textAt(file, 'historyTable'),
    }),
  };
}

function acceptedOf(file: Given): readonly Acceptance[] {
  const given = file['accepted'] ?? [];
  if (!Array.isArray(given)) return refuse('"accepted" must be a list.');
  return given.map((each: unknown, index) => {
    const where = `accepted[${index}]`;
    const one = objectAt(each, `"${where}"`, keys.accepted);
    const [check, subject, reason] = keys.accepted.map(
      (key) =>
        textAt(one, key, `${where}.`) ??
        refuse(`"${where}.${key}" is missing: an exception names the check, the subject and why.`),
    );
    try {
      RegExp(subject!);
    } catch {
      refuse(`"${where}.subject" is no regular expression.`);
    }
    return { check: check!, subject: subject!, reason: reason! };
  });
}

function objectAt(value: unknown, what: string, known: readonly string[]): Given {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`${what} must be an object.`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) refuse(`${what} has no "${unknown}"; it has ${known.join(', ')}.`);
  return value as Given;
}

function textAt(given: Given, key: string, where = ''): string | undefined {
  const value = given[key];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  return refuse(`"${where}${key}" must be a text.`);
}

function nullableAt(given: Given, key: string): string | null | undefined {
  return given[key] === null ? null : textAt(given, key, 'tenants.');
}

function listAt(given: Given, key: string, where = ''): readonly string[] | undefined {
  const value = given[key];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')) return value;
  return refuse(`"${where}${key}" must be a list of texts.`);
}

function isOneOf<T extends string>(value: unknown, all: readonly T[]): value is T {
  return all.includes(value as T);
}

/** Without the options that were not given: a default is another thing than undefined. */
function defined<T extends object>(options: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function refuse(message: string): never {
  throw new IsolationError('ISOLATION_OPTION', `The file of --config: ${message}`);
}
