import { brokerRole, leaseFunctions, leaseSchema } from '@tenantry/tenancy';
import { builtInGrants, byDefault, exactly, grant, member, oneOf, role, schema, setting } from './rules.ts';
import { leaseFunctionRules } from './templates.ts';
import type {
  Acceptance,
  GrantRule,
  Layout,
  MemberRule,
  RegisteredTenant,
  RoleRule,
  SchemaRule,
} from './types.ts';

/** What {@link tenantryLayout} needs to know of a cell. */
export interface TenantryLayoutOptions {
  readonly database: string;
  /** The control role. Default `tenantry_control`. */
  readonly control?: string;
  /** Lanes that tenants come over. Default both. */
  readonly lanes?: readonly ('sealed' | 'leased')[];
  /** How many slots the cell has. Default: as many as there are. */
  readonly slots?: number;
  /** The registry of the control plane; without it nothing is compared with it. */
  readonly tenants?: readonly RegisteredTenant[];
  /** Logins of readers that are open; without it any that will end is allowed. */
  readonly readers?: readonly string[];
  /** Extensions that the cell allows. Default: any but those that leave the database. */
  readonly extensions?: readonly string[];
  /** Roles of whoever runs the server, which are outside of the model: on RDS `rdsadmin`, `rds_superuser` and the like. */
  readonly operators?: readonly string[];
  readonly replicationSlots?: readonly string[];
  readonly accepted?: readonly Acceptance[];
}

/** A tenant's id, as the whole of a name. */
const tenantPattern = '^t_[a-z2-7]{12}$';

/**
 * The layout of a Tenantry cell: everything that the control plane makes, and nothing else.
 *
 * @example
 * const layout = tenantryLayout({ database: 'tenantry', slots: 16 });
 * const { findings } = await auditCatalog(client, layout); // []
 */
export function tenantryLayout(options: TenantryLayoutOptions): Layout {
  const leased = (options.lanes ?? ['sealed', 'leased']).includes('leased');
  return {
    name: 'tenantry',
    database: options.database,
    control: options.control ?? 'tenantry_control',
    tenants: {
      pattern: tenantPattern,
      query: null,
      except: [],
      login: '{schema}',
      owner: '{schema}_owner',
    },
    registry: options.tenants ?? null,
    roles: roleRules(options),
    schemas: schemaRules,
    members: memberRules(leased),
    grants: grantRules(),
    defaults: [
      byDefault('owner', 'r', 'login', 'SELECT INSERT UPDATE DELETE', true),
      byDefault('owner', 'S', 'login', 'USAGE SELECT', true),
      byDefault('owner', 'f', 'login', 'EXECUTE', true),
      byDefault('owner', 'T', 'login', 'USAGE', true),
      byDefault('reference', 'r', 'group', 'SELECT'),
      byDefault('reference', 'f', 'reference', 'EXECUTE'),
      byDefault('reference', 'T', 'reference', 'USAGE'),
    ],
    settings: [
      setting(null, 'search_path', '"$user", extensions, pg_temp', true),
      setting(null, 'client_connection_check_interval'),
      ...timeLimits.flatMap((name) => [setting(null, name), setting('login', name)]),
      setting('reader', 'default_transaction_read_only', 'on', true),
      setting('reader', 'statement_timeout'),
      setting('reader', 'idle_in_transaction_session_timeout'),
    ],
    leases: leaseFunctionRules(leased),
    definers: auditFunctions,
    extensions: options.extensions ?? null,
    replicationSlots: options.replicationSlots ?? [],
    historyTable: 'flyway_schema_history',
    accepted: options.accepted ?? [],
  };
}

/**
 * The functions of the audit trail and of the evidence that run as their owner, by the MD5 of their bodies: whoever changes one can write what never
 * happened. The control plane's own tests fail where these are not what it installs.
 */
const auditFunctions: Layout['definers'] = [
  { name: 'append', digest: '402f482e9648a9ae640a3a8447e42b0b' },
  { name: 'verify', digest: '0c0eec45eb3dd40ae859c8578747fa70' },
  { name: 'add_evidence_key', digest: 'dca4e3e134d4ef8e66e0a6e84f1c74f2' },
  { name: 'lock_evidence', digest: '265e362e8c59dc02bfded0a954dccf81' },
  { name: 'append_evidence', digest: 'dee73725cdd3f5413429f20c4a4fd833' },
  { name: 'add_evidence_forms', digest: '6f1dcedfb5e823586bb3a53333c2e6fb' },
];

/** What an operator may set for a tenant: they take something away, or bound it. */
const timeLimits = [
  'statement_timeout',
  'lock_timeout',
  'transaction_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'work_mem',
  'temp_file_limit',
] as const;

function roleRules(options: TenantryLayoutOptions): readonly RoleRule[] {
  const { control = 'tenantry_control', operators = [], readers, slots } = options;
  const some = { login: true, connections: 'some' } as const;
  return [
    ...operators.map((name) => role('operator', exactly(name), anything)),
    role('control', exactly(control), { login: true, createRole: true, atLeast: 1 }),
    role('login', tenantPattern, { ...some, login: null }),
    role('owner', '^t_[a-z2-7]{12}_owner$', { inherit: false }),
    role('group', exactly('tenantry_tenants'), { atLeast: 1 }),
    role('owners', exactly('tenantry_owners'), { atLeast: 1 }),
    role('registrar', exactly('tenantry_registrar'), { atLeast: 1 }),
    role('slots', exactly('tenantry_slots'), { atLeast: 1 }),
    role('broker', exactly(brokerRole), { login: true, inherit: false, atLeast: 1 }),
    role('slot', '^tenantry_slot_[0-9]+$', {
      // While a pool logs in.
      login: null,
      inherit: false,
      connections: 1,
      atLeast: slots ?? 0,
    }),
    role('audit', exactly('tenantry_audit')),
    role('reference', exactly('tenantry_reference')),
    role('reader', readers === undefined ? '^tenantry_reader_[a-z2-7]{12}$' : oneOf(readers), {
      ...some,
      inherit: false,
      expires: 'always',
    }),
  ];
}

/** An operator of the server can do what it likes; what it was made a member of is looked at all the same. */
const anything = { login: null, createRole: true, superuser: true, expires: null } as const;

const schemaRules: readonly SchemaRule[] = [
  schema('public', 'public', ['bootstrap', 'operator', 'control', 'predefined']),
  schema('extensions', 'extensions', ['control', 'bootstrap', 'operator'], { required: true }),
  schema('lease', leaseSchema, ['control'], {
    required: true,
    objects: [
      'table slots',
      ...Object.values(leaseFunctions).flatMap(({ names }) => names.map((name) => `function ${name}`)),
      'function grant_{schema}',
      'function revoke_{schema}',
    ],
  }),
  schema('canary', 'tenantry_canary', ['control'], { objects: ['table canary'] }),
  schema('control', 'tenantry', ['control'], { objects: null }),
  schema('control', 'pgboss', ['control'], { objects: null }),
  schema('audit', 'tenantry_audit', ['audit'], { objects: null }),
  schema('reference', 'reference', ['reference'], { objects: null }),
];

function memberRules(leased: boolean): readonly MemberRule[] {
  const managed = ['login', 'owner', 'group', 'owners', 'registrar', 'slots', 'slot', 'broker'] as const;
  const administered = {
    admin: true,
    inherit: false,
    set: false,
    grantors: ['control', 'bootstrap'],
  } as const;
  return [
    member('group', 'login'),
    member('owners', 'owner'),
    member('slots', 'slot'),
    member('slots', 'broker'),
    member('group', 'registrar', administered),
    member('owners', 'registrar', administered),
    member('slots', 'registrar', administered),
    // Whoever creates a role holds ADMIN on it from the superuser, and SET by createrole_self_grant from itself.
    ...[...managed, 'reference', 'reader'].map((kind) =>
      member(kind as (typeof managed)[number], 'control', {
        admin: null,
        inherit: false,
        set: null,
        grantors: ['bootstrap', 'control', 'operator'],
        required: kind !== 'reference' && kind !== 'reader',
      }),
    ),
    member('login', 'owner', {
      same: true,
      admin: true,
      inherit: false,
      set: null,
      grantors: ['control', 'bootstrap'],
      required: leased,
    }),
    ...(leased
      ? [member('login', 'slot', { inherit: false, set: true, grantors: ['owner'], required: false })]
      : []),
  ];
}

function grantRules(): readonly GrantRule[] {
  const own = { same: true, required: 'yes' } as const;
  const must = { required: 'yes' } as const;
  return [
    ...builtInGrants,
    grant('database', null, 'group', 'CONNECT', must),
    grant('database', null, 'owners', 'TEMPORARY', must),
    grant('database', null, 'slots', 'CONNECT', must),
    grant('database', null, 'reader', 'CONNECT'),
    grant('schema', 'tenant', 'login', 'USAGE', { same: true, required: 'open' }),
    grant('table', 'tenant', 'login', 'SELECT INSERT UPDATE DELETE', own),
    grant('history', 'tenant', 'login', 'SELECT', own),
    grant('sequence', 'tenant', 'login', 'USAGE SELECT', own),
    grant('function', 'tenant', 'login', 'EXECUTE', own),
    grant('type', 'tenant', 'login', 'USAGE', own),
    grant('schema', 'tenant', 'reader', 'USAGE'),
    grant('table', 'tenant', 'reader', 'SELECT'),
    grant('history', 'tenant', 'reader', 'SELECT'),
    grant('schema', 'extensions', 'group', 'USAGE', must),
    grant('schema', 'extensions', 'owners', 'USAGE', must),
    grant('schema', 'extensions', 'reference', 'USAGE'),
    grant('schema', 'extensions', 'reader', 'USAGE'),
    ...memberDefaults('extensions'),
    grant('schema', 'lease', 'owners', 'USAGE', must),
    grant('schema', 'lease', 'broker', 'USAGE', must),
    ...Object.entries(leaseFunctions).flatMap(([who, { names }]) =>
      names.map((name) =>
        grant('function', 'lease', who as keyof typeof leaseFunctions, 'EXECUTE', { ...must, name }),
      ),
    ),
    // The two of each tenant.
    grant('function', 'lease', 'broker', 'EXECUTE', { name: 'tenant' }),
    // Nobody but their owners may use these schemas, so that what PUBLIC holds by default in them reaches nobody.
    ...memberDefaults('control'),
    ...memberDefaults('audit'),
    grant('schema', 'audit', 'control', 'USAGE', must),
    grant('table', 'audit', 'control', 'SELECT', must),
    grant('function', 'audit', 'control', 'EXECUTE'),
    grant('schema', 'reference', 'group', 'USAGE', must),
    grant('table', 'reference', 'group', 'SELECT', must),
  ];
}

/** What PostgreSQL gives to PUBLIC of functions and types that somebody creates. */
function memberDefaults(kind: 'extensions' | 'control' | 'audit'): readonly GrantRule[] {
  return [grant('function', kind, 'public', 'EXECUTE'), grant('type', kind, 'public', 'USAGE')];
}
