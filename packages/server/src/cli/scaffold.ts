import { Option, type Command } from 'commander';
import {
  frameworks,
  isProjectName,
  libraries,
  ownCommands,
  scaffoldApi,
  titles,
  type Framework,
  type Library,
} from '../scaffold/index.ts';
import { CliError, exitCodes, usageError, type ExitCode } from './exit.ts';
import type { Cli } from './session.ts';

interface ApiFlags {
  readonly framework: Framework;
  readonly db: Library;
  readonly name: string;
}

/** `tenantry scaffold …`: projects to begin with. */
export function scaffoldCommands(program: Command, cli: Cli): void {
  const scaffold = program.command('scaffold').description('write a project to begin with');

  scaffold
    .command('api')
    .description('write an HTTP API for many tenants, with its tests; needs no control plane')
    .argument('[directory]', 'where; made if it is not there (default: the name)')
    .addOption(
      new Option('--framework <name>', 'the web framework').choices(frameworks).makeOptionMandatory(),
    )
    .addOption(new Option('--db <name>', 'the data library').choices(libraries).makeOptionMandatory())
    .option('--name <name>', 'what package.json calls it', 'my-api')
    .addHelpText(
      'after',
      `
Nothing is overwritten: a directory with something in it is refused.

Example:
  tenantry scaffold api --framework fastify --db kysely --name shop-api`,
    )
    .action((directory: string | undefined, flags: ApiFlags) => cli.run(() => api(cli, directory, flags)));
}

async function api({ out }: Cli, given: string | undefined, flags: ApiFlags): Promise<ExitCode> {
  const { framework, db: library, name } = flags;
  if (!isProjectName(name))
    throw usageError(`--name must be lower-case letters, digits and hyphens, not "${name}".`);
  const directory = given ?? name.replace(/^.*\//, '');
  const files = await scaffoldApi({ framework, library, name, directory }).catch((error: unknown) => {
    throw notWritten(directory, error);
  });
  if (files === undefined)
    throw new CliError(
      exitCodes.conflict,
      'DIRECTORY_NOT_EMPTY',
      `${directory} has something in it, and nothing was written.`,
      'Name another directory.',
    );
  const next = [
    `cd ${/^[\w./@-]+$/.test(directory) ? directory : `'${directory.replaceAll("'", String.raw`'\''`)}'`}`,
    ownCommands.install,
    ownCommands.test,
    `${ownCommands.up}     # PostgreSQL and the control plane; leave it running`,
    'npx tenantry tenant create acme             # in another terminal',
    ownCommands.start,
  ];
  if (out.json) {
    out.document({
      directory,
      name,
      framework,
      db: library,
      files,
      next: next.map((step) => step.replace(/ +#.*/, '')),
    });
    return exitCodes.ok;
  }
  out.print(`wrote ${files.length} files for ${titles[framework]} and ${titles[library]} into ${directory}`);
  out.note(`\nNext:\n${next.map((step) => `  ${step}`).join('\n')}`);
  return exitCodes.ok;
}

function notWritten(directory: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new CliError(exitCodes.failed, 'FILE_NOT_WRITTEN', `${directory} cannot be written (${code}).`);
}
