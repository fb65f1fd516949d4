import type { FaultCopy } from '../faults/index.ts';

/** An output of the process: `process.stdout` and `process.stderr` are such. */
export interface IsolationStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What the command line needs of the process around it. Nothing in it touches the process by itself. */
export interface IsolationHost {
  readonly stdout: IsolationStream;
  readonly stderr: IsolationStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin; default: the current directory. */
  readonly directory?: string;
  /** As it is typed, for help and hints; default: `tenantry-isolation`. */
  readonly program?: string;
  /** Makes the copy that faults are put into; default: a private PostgreSQL with a cell and two tenants. */
  readonly startCopy?: () => Promise<FaultCopy>;
  /** Calls back when the person presses Ctrl-C. */
  onInterrupt?(listener: () => void): void;
}
