import type { Command } from 'commander';
import type { CliHost } from './host.ts';

/** Says in the help that there is `tenantry migrate`; `migrateArguments` and `runMigrate` are what runs it. */
export function migrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('Flyway-compatible migrations of a single schema, without a control plane');
}

/**
 * The arguments of `tenantry migrate …`; undefined for any other command. They are another program's, with options that have
 * other meanings here (`--url` is a database) and a spelling of their own (`-outOfOrder=true`), so commander never sees them.
 *
 * ```ts
 * migrateArguments(['--json', 'migrate', 'info']); // ['--json', 'info']
 * ```
 */
export function migrateArguments(argv: readonly string[]): readonly string[] | undefined {
  if (argv[0] === 'help' && argv[1] === 'migrate') return ['--help', ...argv.slice(2)];
  const at = argv.findIndex((word, index) => !word.startsWith('-') && argv[index - 1] !== '--url');
  return argv[at] === 'migrate' ? argv.toSpliced(at, 1) : undefined;
}

/** Runs the migration engine's own command line. Loaded when needed: PostgreSQL's grammar is in it. */
export async function runMigrate(argv: readonly string[], host: CliHost): Promise<number> {
  const { runMigrateCli } = await import('@tenantry/migrate/cli');
  return runMigrateCli(argv, { ...host, program: 'tenantry migrate' });
}
