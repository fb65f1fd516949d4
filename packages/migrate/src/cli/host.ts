/** An output of the process: `process.stdout` and `process.stderr` are such. */
export interface MigrateStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** An input of the process: `process.stdin` is such. */
export interface MigrateInput extends AsyncIterable<unknown> {
  readonly isTTY?: boolean;
}

/** What the command line needs of the process around it. Nothing in it touches the process by itself. */
export interface MigrateHost {
  readonly stdout: MigrateStream;
  readonly stderr: MigrateStream;
  readonly stdin?: MigrateInput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin; default: the current directory. */
  readonly directory?: string;
  /** Where configuration files are looked for first; default: the home directory of the account. */
  readonly home?: string;
  /** As it is typed, for help and hints; default: `tenantry-migrate`. */
  readonly program?: string;
  /** Calls back when the person presses Ctrl-C. */
  onInterrupt?(listener: () => void): void;
}
