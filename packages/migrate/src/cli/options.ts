/** The commands of `tenantry-migrate`. */
export const commandNames = [
  'info',
  'validate',
  'migrate',
  'baseline',
  'repair',
  'undo',
  'clean',
  'lint',
  'drift',
] as const;

export type CommandName = (typeof commandNames)[number];

/** An option of the program itself; settings are in the table of keys. */
export interface ProgramOption {
  readonly name: string;
  /** Other ways to write it, hyphens included. */
  readonly short: readonly string[];
  /** What its value is called; undefined for a switch. */
  readonly value: string | undefined;
  readonly meaning: string;
  /** Undefined: every command has it. */
  readonly of: readonly CommandName[] | undefined;
  /** Accepted because Flyway has it. */
  readonly hidden: boolean;
}

function flag(
  name: string,
  meaning: string,
  more: {
    readonly short?: readonly string[];
    readonly of?: readonly CommandName[];
    readonly hidden?: true;
  } = {},
): ProgramOption {
  return {
    name,
    short: more.short ?? [],
    value: undefined,
    meaning,
    of: more.of,
    hidden: more.hidden ?? false,
  };
}

function valued(
  name: string,
  value: string,
  meaning: string,
  more: { readonly of?: readonly CommandName[]; readonly hidden?: true } = {},
): ProgramOption {
  return { name, short: [], value, meaning, of: more.of, hidden: more.hidden ?? false };
}

/** Every option that is no setting. */
export const programOptions = {
  json: flag('json', 'for programs: one JSON document on stdout, errors as a JSON object on stderr'),
  quiet: flag('quiet', 'results, warnings and errors only', { short: ['-q'] }),
  debug: flag('debug', 'also where each setting comes from, and stack traces', { short: ['-X'] }),
  yes: flag('yes', 'clean without asking', { short: ['-y'], of: ['clean'] }),
  format: valued('format', 'format', 'table, json or sarif (default: table)', { of: ['lint'] }),
  failOn: valued(
    'failOn',
    'severity',
    'the least severity that is a failure: error, warning, info or never (default: error)',
    {
      of: ['lint'],
    },
  ),
  pending: flag('pending', 'only what is not applied yet; needs the database', { of: ['lint'] }),
  rules: valued('rules', 'rules', 'another severity for rules, or off: truncate=error,notify=off', {
    of: ['lint'],
  }),
  style: flag('style', 'also the rules of style', { of: ['lint'] }),
  extensions: valued('extensions', 'names', 'extensions that the files may make, with commas', {
    of: ['lint'],
  }),
  against: valued(
    'against',
    'reference',
    'compare with another schema of the database, or with a file that --save wrote (default: what the migrations make of an empty schema)',
    { of: ['drift'] },
  ),
  save: valued('save', 'file', 'write the structure into a file, for a later --against', { of: ['drift'] }),
  infoSinceVersion: valued('infoSinceVersion', 'version', 'versions from this one on', { of: ['info'] }),
  infoUntilVersion: valued('infoUntilVersion', 'version', 'versions up to this one', { of: ['info'] }),
  infoSinceDate: valued('infoSinceDate', 'date', 'installed since, as 24/12/2026 18:00', { of: ['info'] }),
  infoUntilDate: valued('infoUntilDate', 'date', 'installed until, as 24/12/2026 18:00', { of: ['info'] }),
  infoOfState: valued('infoOfState', 'states', 'in these states only, as pending,failed', { of: ['info'] }),
  migrationIds: flag('migrationIds', 'only the versions and descriptions, separated by commas', {
    of: ['info'],
  }),
  outputType: valued('outputType', 'json', "Flyway's --json: errors are on stdout, too", { hidden: true }),
  outputFile: valued('outputFile', 'file', 'write stdout into this file as well'),
  color: valued('color', 'when', 'always, never or auto (default: auto)'),
  help: flag('help', 'show help', { short: ['-h', '-?'] }),
  version: flag('version', 'print the version', { short: ['-v'] }),
  noPrompt: flag('noPrompt', 'nothing is asked for anyway', { short: ['-n'], hidden: true }),
  communityFallback: flag('communityFallback', 'there are no editions', { hidden: true }),
  skipCheckForUpdate: flag('skipCheckForUpdate', 'no updates are looked for', { hidden: true }),
} as const satisfies Readonly<Record<string, ProgramOption>>;

export type ProgramOptionName = keyof typeof programOptions;

/** The values of options: `true` for switches. */
export type OptionValues = Readonly<Partial<Record<ProgramOptionName, string>>>;
