import type { Command } from 'commander';
import type { CliHost } from './host.ts';
import { matrixCommand, reportCommand } from './evidence-report.ts';
import { findingCommands } from './isolation-findings.ts';
import { verifyCommands } from './isolation-verify.ts';
import { runCommands } from './isolation-runs.ts';
import type { Cli } from './session.ts';

/** `tenantry isolation …`: whether tenants are isolated, how it is known, and what is to be done about it. */
export function isolationCommands(program: Command, cli: Cli): void {
  const isolation = program
    .command('isolation')
    .description('verify that tenants are isolated: runs, findings, attacks')
    .addHelpText(
      'after',
      `
verify, attack and faults ask the control plane. With --url postgresql://… (or TENANTRY_ISOLATION_URL), or with --config, they work on that
database by themselves, as the control role, and need no control plane; "tenantry isolation verify --url postgresql:// --help" shows
their options then.`,
    );
  runCommands(isolation, cli);
  findingCommands(isolation, cli);
  verifyCommands(isolation, cli);
  reportCommand(isolation, cli);
  matrixCommand(isolation, cli);
}

/** Options that only make sense where no control plane is asked. */
const directOptions = ['--config', '--throw-away', '--only', '--targets', '--location'];
const directWords = ['verify', 'attack', 'faults', 'report'];

/**
 * The arguments of the verifier's own command line, where `tenantry isolation` is to work on a database by itself; undefined where the control
 * plane is asked, and for any other command.
 *
 * ```ts
 * directArguments(['isolation', 'verify', '--url', 'postgresql://…'], {}); // ['verify', '--url', 'postgresql://…']
 * ```
 */
export function directArguments(argv: readonly string[], env: CliHost['env']): readonly string[] | undefined {
  const at = argv.findIndex((word, index) => !word.startsWith('-') && argv[index - 1] !== '--url');
  if (argv[at] !== 'isolation') return undefined;
  const rest = argv.toSpliced(at, 1);
  const verb = rest.findIndex((word, index) => !word.startsWith('-') && rest[index - 1] !== '--url');
  const word = rest[verb];
  if (word === undefined || !directWords.includes(word)) return undefined;
  const database = urlOf(rest) ?? env['TENANTRY_ISOLATION_URL'] ?? '';
  const isDirect =
    /^postgres(ql)?:/.test(database) ||
    rest.some((given) => directOptions.includes(given.split('=')[0]!)) ||
    // A run that was saved: `report isolation.json` needs no server.
    (word === 'report' && rest[verb + 1]?.endsWith('.json') === true);
  if (!isDirect) return undefined;
  // Its spelling of --json.
  return rest.flatMap((given) => (given === '--json' ? ['--format', 'json'] : [given]));
}

function urlOf(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--url');
  if (at >= 0) return argv[at + 1];
  return argv.find((word) => word.startsWith('--url='))?.slice('--url='.length);
}

/** Runs the verifier's own command line. Loaded when needed: every check and attack is in it. */
export async function runDirect(argv: readonly string[], host: CliHost): Promise<number> {
  const { runIsolationCli } = await import('@tenantry/isolation/cli');
  return runIsolationCli(argv, { ...host, program: 'tenantry isolation' });
}
