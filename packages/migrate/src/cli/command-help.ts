import type { CommandName } from './options.ts';

/** What the help of a command says. */
export interface CommandHelp {
  /** Half a sentence, in the list of commands. */
  readonly summary: string;
  /** Further sentences. */
  readonly details: string;
  /** Names of the keys that it looks at, besides those of the connection. */
  readonly settings: readonly string[];
  /** Without the program's name. */
  readonly examples: readonly string[];
}

const files = [
  'locations',
  'callbackLocations',
  'failOnMissingLocations',
  'encoding',
  'sqlMigrationPrefix',
  'repeatableSqlMigrationPrefix',
  'sqlMigrationSeparator',
  'sqlMigrationSuffixes',
  'validateMigrationNaming',
  'placeholders',
  'placeholderReplacement',
];

const history = ['table'];
const order = ['target', 'outOfOrder', 'ignoreMigrationPatterns'];
const locking = ['lockRetryCount', 'lockTimeout', 'lockTimeoutRetries'];

/** The help of every command. */
export const commandHelp: Readonly<Record<CommandName, CommandHelp>> = {
  info: {
    summary: 'show every migration with its state',
    details: 'Changes nothing.',
    settings: [...files, ...history, ...order],
    examples: ['info --schema shop', 'info --schema shop --info-of-state pending,failed --json'],
  },
  validate: {
    summary: 'check that files and history agree',
    details:
      'Exits with 1 where they do not: a file was changed, is missing, is pending, or failed. Changes nothing.',
    settings: [...files, ...history, ...order],
    examples: ['validate --schema shop', "validate --schema shop --ignore-migration-patterns '*:pending'"],
  },
  migrate: {
    summary: 'run what is pending',
    details:
      'Each file in a transaction of its own together with its row of the history; a file that fails leaves nothing.',
    settings: [
      ...files,
      ...history,
      ...order,
      'group',
      'mixed',
      'executeInTransaction',
      'baselineOnMigrate',
      'baselineVersion',
      'validateOnMigrate',
      'skipExecutingMigrations',
      'createSchemas',
      'installedBy',
      ...locking,
      'contained',
    ],
    examples: [
      'migrate --schema shop',
      'migrate --schema shop --target 42',
      'migrate --schema shop --out-of-order',
    ],
  },
  baseline: {
    summary: 'declare that a schema is at a version already',
    details: 'For a schema that has objects and no history: files up to the version are not run in it.',
    settings: [
      'baselineVersion',
      'baselineDescription',
      ...history,
      'createSchemas',
      'installedBy',
      'lockRetryCount',
    ],
    examples: ['baseline --schema shop --baseline-version 12'],
  },
  repair: {
    summary: 'bring the history in line with the files',
    details:
      'Removes rows of failed migrations, marks those whose file is gone as deleted, and takes over changed checksums. Changes no object.',
    settings: [...files, ...history, 'ignoreMigrationPatterns', 'lockRetryCount'],
    examples: ['repair --schema shop'],
  },
  undo: {
    summary: 'undo the last versioned migration with its U file',
    details: 'With --target, all down to and with that version. The history keeps what happened.',
    settings: [...files, 'undoSqlMigrationPrefix', ...history, 'target', 'group', 'undoRecord', ...locking],
    examples: ['undo --schema shop', 'undo --schema shop --target 12'],
  },
  clean: {
    summary: 'drop everything in the schemas',
    details: 'Refused unless cleanDisabled is false; at a terminal, --yes is needed as well.',
    settings: ['cleanDisabled', ...history, 'lockRetryCount'],
    examples: ['clean --schema shop_test --clean-disabled=false --yes'],
  },
  lint: {
    summary: "check the files on PostgreSQL's grammar, before anything runs",
    details:
      'Finds what leaves the schema, what takes long locks, and what breaks the version of the application that is running. Needs no database but with --pending.',
    settings: [...files],
    examples: ['lint --locations db/migration', 'lint --pending --schema shop --format sarif > lint.sarif'],
  },
  drift: {
    summary: 'compare a schema with what its migrations make, or with another',
    details:
      'Exits with 1 where they differ. The migrations are run in a new schema and rolled back; nothing is kept.',
    settings: [...files, ...history],
    examples: [
      'drift --schema shop',
      'drift --schema shop_b --against shop_a',
      'drift --schema shop --save shop.json',
    ],
  },
};
