import { createClient, type Client } from '@tenantry/contract';
import type { Command } from 'commander';
import { findConnection } from './connection.ts';
import { CliError, exitCodes, type ExitCode } from './exit.ts';
import type { CliHost } from './host.ts';
import type { Output } from './output.ts';

/** The options that every command takes. */
export interface GlobalFlags {
  readonly url?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** One run of the command line: what commands are given to register themselves. */
export interface Cli {
  readonly host: CliHost;
  readonly out: Output;
  /** Runs the body of a command that needs no control plane. */
  run(body: () => Promise<number>): Promise<void>;
  /** Runs the body of a command with a connection to the control plane. */
  connected(body: (session: Session) => Promise<ExitCode>): Promise<void>;
}

/** A command that is running. */
export interface Session {
  readonly host: CliHost;
  readonly out: Output;
  readonly client: Client;
  /** True where the control plane is on this machine. */
  readonly local: boolean;
  /** Aborted by Ctrl-C; every request ends with it. */
  readonly interrupted: AbortSignal;
}

/** What is shown when a person presses Ctrl-C. */
export function interruption(): CliError {
  return new CliError(exitCodes.interrupted, 'INTERRUPTED', 'Interrupted.');
}

/** Opens the connection of a command. Throws USAGE, TOKEN_MISSING. */
export async function openSession(program: Command, host: CliHost, out: Output): Promise<Session> {
  const { url, token, local } = await findConnection(host, program.opts<GlobalFlags>().url);
  const interrupt = new AbortController();
  host.onInterrupt?.(() => interrupt.abort(interruption()));
  const send = host.fetch ?? fetch;
  const client = createClient({
    url,
    token,
    fetch: (input, init) => {
      const signals = init?.signal ? [interrupt.signal, init.signal] : [interrupt.signal];
      return send(input, { ...init, signal: AbortSignal.any(signals) });
    },
  });
  return { host, out, client, local, interrupted: interrupt.signal };
}
