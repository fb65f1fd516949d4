/** The commands. */
export const commandNames = ['verify', 'attack', 'faults', 'report'] as const;

export type CommandName = (typeof commandNames)[number];

/** What a command is for, in half a sentence, and what more its help says. */
export const commandHelp: Readonly<
  Record<
    CommandName,
    { readonly summary: string; readonly details: string; readonly examples: readonly string[] }
  >
> = {
  verify: {
    summary: 'compare the catalogs with what the design needs',
    details:
      'Everything that is not needed is a finding: the audit, and the rights oracle, which asks the server in another way. One read-only transaction; no row of a tenant is read, no superuser is needed.',
    examples: ['verify', 'verify --format sarif --output isolation.sarif', 'verify --config isolation.json'],
  },
  attack: {
    summary: 'let one canary tenant attack another, over every lane',
    details:
      'Makes two tenants for itself and removes them, also those that a killed run left. Ends with two positive controls, on which the same attacks have to succeed.',
    examples: [
      'attack',
      'attack --only read,poison --targets sealed,leased',
      'attack --all',
      'attack --application https://staging.example.com --config isolation.json',
    ],
  },
  faults: {
    summary: 'weaken a throw-away copy in every way there is, and count what is noticed',
    details:
      'Each of some eight hundred faults is put into a private PostgreSQL that the run makes and removes, looked for, and rolled back. With --throw-away it is put into the database of --url, as its superuser: only ever a copy.',
    examples: ['faults', 'faults --only members,roles --all', 'faults --throw-away --format junit'],
  },
  report: {
    summary: 'verify and attack in one run, or show a run that was saved',
    details: 'With a file it reads what --format json has written, and needs no database.',
    examples: [
      'report --output isolation.json --output isolation.xml',
      'report isolation.json --format sarif',
    ],
  },
};

interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: true;
  /** Placeholder of its value, in the help. */
  readonly value?: string;
  readonly env?: string;
  /** Commands that take it; all where it is left out. */
  readonly of?: readonly CommandName[];
  readonly meaning: string;
}

/** Every option: the parser, the help and the reference are made of it. */
export const options = {
  url: {
    type: 'string',
    value: 'postgresql://…',
    env: 'TENANTRY_ISOLATION_URL',
    of: ['verify', 'attack', 'faults', 'report'],
    meaning: 'the database, as its control role (default: PGHOST and the other variables of PostgreSQL)',
  },
  config: {
    type: 'string',
    value: 'file',
    env: 'TENANTRY_ISOLATION_CONFIG',
    of: ['verify', 'attack', 'faults', 'report'],
    meaning: 'what the database is meant to look like, as JSON (default: a Tenantry cell)',
  },
  format: {
    type: 'string',
    value: 'table|json|sarif|junit',
    meaning: 'what goes to the standard output (default: table)',
  },
  output: {
    type: 'string',
    multiple: true,
    value: 'file',
    meaning: 'write a file as well, its format by its name: .json, .sarif, .xml, .txt; may be repeated',
  },
  application: {
    type: 'string',
    value: 'https://…',
    of: ['attack'],
    meaning:
      'attack an application over HTTP, as two tenants that the file of --config names; no database is needed',
  },
  targets: {
    type: 'string',
    value: 'list',
    of: ['attack', 'report'],
    meaning: 'what to attack: login, sealed, leased, auto, search_path, set role (default: all)',
  },
  only: {
    type: 'string',
    value: 'list',
    of: ['attack', 'faults', 'report'],
    meaning:
      'attacks, or faults, by the beginning of their id: read, poison.set; members, tables.select (default: all)',
  },
  'fail-on': {
    type: 'string',
    value: 'severity',
    meaning: 'exit with 1 from this severity: low, medium, high, critical (default: low)',
  },
  location: {
    type: 'string',
    value: 'path',
    meaning: 'where SARIF shows its alerts in the repository (default: the file of --config)',
  },
  'throw-away': {
    type: 'boolean',
    of: ['faults'],
    meaning: 'the database of --url is a copy that nobody needs',
  },
  all: { type: 'boolean', meaning: 'in the table: every attack, and every finding in full' },
  quiet: { type: 'boolean', short: 'q', meaning: 'no progress' },
  help: { type: 'boolean', short: 'h', meaning: 'show help' },
  version: { type: 'boolean', meaning: 'print the version' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof options;

/** Options as a person gave them. */
export type OptionValues = { readonly [K in OptionName]?: string | boolean | readonly string[] | undefined };

/** The options of one command, or of all where none is named. */
export function optionsOf(command: CommandName | undefined): readonly (readonly [OptionName, OptionSpec])[] {
  const all = Object.entries(options) as [OptionName, OptionSpec][];
  return all.filter(([, { of }]) => of === undefined || command === undefined || of.includes(command));
}
