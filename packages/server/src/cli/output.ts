import { styleText } from 'node:util';
import type { CliHost, CliStream } from './host.ts';

/** A colour or weight; ignored where colours are off. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a command writes: results to stdout, everything about them to stderr. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** True where a line on stderr may be rewritten. */
  readonly live: boolean;
  /** Columns of the terminal that stdout is; undefined if it is none. */
  readonly columns: number | undefined;
  readonly terminal: boolean;
  /** Aborted when nobody reads stdout any more, as behind `| head`. */
  readonly closed: AbortSignal;
  /** Writes a line of the result. */
  print(line: string): void;
  /** Writes a result as JSON: one document, on a terminal with indentation. */
  document(value: unknown): void;
  /** Writes one line of JSON. */
  jsonLine(value: unknown): void;
  /** Writes a part of a download and waits until it has left. */
  raw(text: string): Promise<void>;
  /** Says something beside the result; not with --quiet or --json. */
  note(line: string): void;
  /** Writes to stderr whatever the options. */
  complain(text: string): void;
  paint(style: Style, text: string): string;
  paintError(style: Style, text: string): string;
}

/** The output of one run. */
export function createOutput(host: CliHost, modes: { json: boolean; quiet: boolean }): Output {
  const closing = new AbortController();
  const stdout = quietly(host.stdout, () => closing.abort());
  const stderr = quietly(host.stderr, () => undefined);
  const colours = !host.env['NO_COLOR'] && host.env['TERM'] !== 'dumb' && !modes.json;
  const painter = (stream: CliStream) => (style: Style, text: string) =>
    colours && stream.isTTY === true ? styleText(style, text, { validateStream: false }) : text;
  return {
    ...modes,
    live: host.stderr.isTTY === true && !modes.json && !modes.quiet && host.env['TERM'] !== 'dumb',
    terminal: host.stdout.isTTY === true,
    columns: host.stdout.isTTY === true ? (host.stdout.columns ?? 80) : undefined,
    closed: closing.signal,
    print: (line) => void stdout(`${line}\n`),
    document: (value) =>
      void stdout(`${JSON.stringify(value, null, host.stdout.isTTY === true ? 2 : undefined)}\n`),
    jsonLine: (value) => void stdout(`${JSON.stringify(value)}\n`),
    async raw(text) {
      if (stdout(text) !== false || host.stdout.once === undefined) return;
      await new Promise<void>((resolve) => {
        host.stdout.once?.('drain', resolve);
        host.stdout.once?.('close', resolve);
        closing.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
    note: (line) => {
      if (!modes.quiet && !modes.json) stderr(`${line}\n`);
    },
    complain: (text) => void stderr(text),
    paint: painter(host.stdout),
    paintError: painter(host.stderr),
  };
}

// A reader that went away (EPIPE) shows as an event on a later turn of the loop, or as a throw; neither is our caller's error.
function quietly(stream: CliStream, onClosed: () => void): (text: string) => unknown {
  let open = true;
  const close = () => {
    open = false;
    onClosed();
  };
  stream.on?.('error', close);
  return (text) => {
    if (!open) return true;
    try {
      return stream.write(text);
    } catch {
      close();
      return true;
    }
  };
}
