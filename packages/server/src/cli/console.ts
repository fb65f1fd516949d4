import type { Command } from 'commander';
import type { Session as BrowserSession } from '@tenantry/contract';
import { reference } from './arguments.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { printTable } from './render.ts';
import type { Cli, Session } from './session.ts';
import { relativeTime } from './time.ts';

/** `tenantry console`: a link that signs a browser in. `tenantry session …`: the browsers that are signed in. */
export function consoleCommands(program: Command, cli: Cli): void {
  program
    .command('console')
    .description(
      'print a link that opens the console, signed in as this API key; it works once, for ten minutes',
    )
    .addHelpText('after', '\nExample:\n  tenantry console')
    .action(() => cli.connected(invite));

  const session = program.command('session').description('browsers that are signed in to the console');
  session
    .command('list')
    .description('list the sessions that can still be used')
    .action(() => cli.connected(list));
  session
    .command('revoke')
    .description('end a session; its next request is refused')
    .argument('<session>', 'its id', reference)
    .addHelpText('after', '\nExample:\n  tenantry session revoke s_5q2…')
    .action((id: string) =>
      cli.connected(async ({ client, out }) => {
        const ended = await client.call('revokeSession', { params: { session: id } });
        if (out.json) out.document(ended);
        else out.print(out.quiet ? ended.id : `Ended ${ended.id} of ${ended.actor.name}.`);
        return exitCodes.ok;
      }),
    );
}

async function invite({ client, out }: Session): Promise<ExitCode> {
  const made = await client.call('createSignInCode', {});
  if (out.json) out.document(made);
  else {
    out.print(made.url);
    out.note('It works once, for ten minutes, and for whoever opens it.');
  }
  return exitCodes.ok;
}

async function list({ client, out }: Session): Promise<ExitCode> {
  const sessions = await client.call('listSessions', {});
  if (out.json) {
    out.document(sessions);
    return exitCodes.ok;
  }
  printTable<BrowserSession>(
    out,
    sessions.items,
    [
      { title: 'session', value: ({ id }) => id },
      { title: 'who', value: ({ actor }) => actor.name, min: 8 },
      { title: 'role', value: ({ role }) => role },
      { title: 'by', value: ({ method }) => method, drop: 2 },
      { title: 'from', value: ({ sourceIp }) => sourceIp ?? '-', drop: 3 },
      { title: 'last seen', value: ({ lastSeenAt }) => relativeTime(lastSeenAt) },
      { title: 'ends', value: ({ expiresAt }) => relativeTime(expiresAt), drop: 1 },
    ],
    'Nobody is signed in.',
  );
  return exitCodes.ok;
}
