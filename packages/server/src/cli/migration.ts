import type { LintFinding, Migration } from '@tenantry/contract';
import type { Command } from 'commander';
import { exitCodes, type ExitCode } from './exit.ts';
import { printTable, verdict } from './render.ts';
import type { Cli, Session } from './session.ts';
import { printable } from './width.ts';

/** `tenantry migration …`: the files that tenants are built from. */
export function migrationCommands(program: Command, cli: Cli): void {
  const migration = program.command('migration').description('the migrations that tenants are built from');

  migration
    .command('list')
    .description('list the migrations of the configured directories in the order they run')
    .addHelpText('after', '\nExample:\n  tenantry migration list')
    .action(() => cli.connected(list));

  migration
    .command('lint')
    .description(
      "check the migrations on PostgreSQL's own grammar without running them; exits with 1 on an error",
    )
    .addHelpText('after', '\nExample:\n  tenantry migration lint')
    .action(() => cli.connected(lint));
}

async function list({ client, out }: Session): Promise<ExitCode> {
  const set = await client.call('listMigrations', {});
  if (out.json) {
    out.document(set);
    return exitCodes.ok;
  }
  printTable<Migration>(
    out,
    set.migrations,
    [
      { title: 'version', value: ({ version }) => version ?? 'repeatable' },
      { title: 'description', value: ({ description }) => description, min: 16, drop: 2 },
      { title: 'script', value: ({ script }) => script, min: 16 },
      { title: 'checksum', value: ({ checksum }) => String(checksum), align: 'right', drop: 1 },
    ],
    'No migrations.',
  );
  for (const { script, reason } of set.ignored)
    out.note(`ignored ${printable(script)}: ${printable(reason)}`);
  const { current, behind } = set.tenants;
  out.note(
    `${set.migrations.length} migrations from ${set.locations.map((path) => printable(path)).join(', ')}`,
  );
  out.note(
    `schema version ${set.schemaVersion ?? '-'}: ${current} tenants have exactly these, ${behind} others`,
  );
  return exitCodes.ok;
}

async function lint({ client, out }: Session): Promise<ExitCode> {
  const result = await client.call('lintMigrations', {});
  const code = result.ok ? exitCodes.ok : exitCodes.failed;
  if (out.json) {
    out.document(result);
    return code;
  }
  for (const finding of result.findings) printFinding(out, finding);
  const errors = result.findings.filter(({ severity }) => severity === 'error').length;
  out.note(`${errors} errors, ${result.findings.length - errors} warnings`);
  return code;
}

function printFinding(out: Session['out'], finding: LintFinding): void {
  const word = verdict(out, false, finding.severity, finding.severity === 'error' ? 'red' : 'yellow');
  const { text, style } = typeof word === 'string' ? { text: word, style: 'red' as const } : word;
  out.print(
    `${printable(finding.script)}:${finding.line}  ${out.paint(style, text)}  ${printable(finding.rule)}`,
  );
  out.print(`  ${printable(finding.message)}`);
  if (finding.instead !== '') out.print(`  instead: ${printable(finding.instead)}`);
}
