import { readFile } from 'node:fs/promises';
import { Option as Flag, type Command } from 'commander';
import { options, readConfig, type Option, type OptionName } from '../config.ts';
import { usageError } from './exit.ts';
import type { Cli } from './session.ts';

/** `tenantry up`: serves until it is stopped. Its flags are the table of options. */
export function upCommand(program: Command, cli: Cli): void {
  const flags = (Object.entries(options) as [OptionName, Option<unknown>][]).map(([name, option]) => ({
    name,
    flag: new Flag(option.flag, `${option.meaning} [${option.env}] (default: ${option.defaultText})`),
  }));
  const up = program
    .command('up')
    .description(
      'start PostgreSQL, unless DATABASE_URL names one, and the control plane; serve until stopped',
    )
    .addHelpText(
      'after',
      `
A flag wins over the environment variable in brackets.

Examples:
  tenantry up
  tenantry up --migrations ./db/migration --warm-pool 10
  DATABASE_URL=postgresql://… tenantry up --port 8080`,
    );
  for (const { flag } of flags) up.addOption(flag);
  up.action((given: Record<string, string>) =>
    cli.run(async () => {
      const chosen: Partial<Record<OptionName, string>> = {};
      for (const { name, flag } of flags) {
        const value = given[flag.attributeName()];
        if (value !== undefined) chosen[name] = value;
      }
      // For a secret the variable holds it and the flag names a file: an argument would show in process lists.
      for (const { name, flag } of flags) {
        const file = chosen[name];
        if (file !== undefined && flag.long?.endsWith('-file'))
          chosen[name] = await readSecret(flag.long, file);
      }
      readConfig(cli.host.env, chosen);
      return cli.host.up(chosen);
    }),
  );
}

async function readSecret(flag: string, file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw usageError(`${flag}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
