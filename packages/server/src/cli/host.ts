import type { Tenant } from '@tenantry/contract';
import type { OptionName } from '../config.ts';

/** An output of the process: `process.stdout` and `process.stderr` are such. */
export interface CliStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  on?(event: 'error', listener: (error: Error) => void): unknown;
  once?(event: 'drain' | 'close', listener: () => void): unknown;
}

/** An input of the process: `process.stdin` is such. */
export interface CliInput extends AsyncIterable<unknown> {
  readonly isTTY?: boolean;
}

/** What the command line needs of the process around it. Nothing in it touches the process by itself. */
export interface CliHost {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  /** Read by `cell add` only; absent is the same as a terminal. */
  readonly stdin?: CliInput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Serves until it is stopped; gives the exit code. */
  up(flags: Partial<Record<OptionName, string>>): Promise<number>;
  /** The data that `demo` loads; made for the migrations in the directory `migrations` next to it. */
  readonly sample: { readonly seedFile: string };
  /** Runs a file of SQL as the tenant's own login. Absent where the cell's keys are not on this machine. */
  seed?(tenant: Tenant, file: string): Promise<void>;
  /** Calls back when the person presses Ctrl-C, once a command has something to interrupt. */
  onInterrupt?(listener: () => void): void;
  readonly fetch?: typeof fetch;
}
