import { writeFileSync } from 'node:fs';
import { styleText, stripVTControlCharacters } from 'node:util';
import type { MigrateHost, MigrateStream } from './host.ts';

/** How a run writes. */
export interface OutputModes {
  readonly json: boolean;
  /** With `-outputType=json`: errors on stdout, where Flyway has them. */
  readonly errorsOnStdout: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly color: 'always' | 'never' | 'auto';
  /** A file that gets what stdout gets. */
  readonly file: string | undefined;
}

/** Where a command writes: what it found and did to stdout, what is wrong to stderr. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  /** A line of the result. */
  print(text: string): void;
  /** A result as JSON: one document. */
  document(value: Readonly<Record<string, unknown>>): void;
  /** A line of the log; not with --quiet or --json. */
  info(text: string): void;
  /** With --json it becomes a part of the document. */
  warn(text: string): void;
  /** An error, its kind in front; not with --json, whose errors are objects. */
  error(text: string): void;
  /** The object of an error, for programs. */
  fail(value: Readonly<Record<string, unknown>>): void;
  /** With --debug only. */
  trace(text: string): void;
}

/** The output of one run. */
export function createOutput(host: MigrateHost, modes: OutputModes): Output {
  const { quiet, debug } = modes;
  const copy = modes.file === undefined ? () => undefined : fileWriter(modes.file);
  const out = (text: string) => {
    host.stdout.write(`${text}\n`);
    copy(`${text}\n`);
  };
  const err = (text: string) => void host.stderr.write(`${text}\n`);
  const paint = painter(host, modes);
  const warnings: string[] = [];
  const json = (write: (text: string) => void) => (value: Readonly<Record<string, unknown>>) =>
    write(JSON.stringify(withWarnings(value, warnings), null, 2));
  return {
    json: modes.json,
    quiet,
    debug,
    print: out,
    document: json(out),
    fail: json(modes.errorsOnStdout ? out : err),
    info: (text) => void (quiet || modes.json || out(text)),
    warn: (text) => void (modes.json ? warnings.push(text) : err(paint('yellow', `WARNING: ${text}`))),
    error: (text) => void (modes.json || err(paint('red', `ERROR: ${text}`))),
    trace: (text) => void (debug && err(`DEBUG: ${text}`)),
  };
}

function withWarnings(
  value: Readonly<Record<string, unknown>>,
  more: readonly string[],
): Readonly<Record<string, unknown>> {
  const own = Array.isArray(value['warnings']) ? (value['warnings'] as readonly unknown[]) : [];
  // A command's result has those of its log already.
  const all = [...new Set([...own, ...more])];
  return all.length === 0 ? value : { ...value, warnings: all };
}

function fileWriter(file: string): (text: string) => void {
  writeFileSync(file, '');
  return (text) => writeFileSync(file, stripVTControlCharacters(text), { flag: 'a' });
}

function painter(host: MigrateHost, { color, json }: OutputModes) {
  const allowed = !json && color !== 'never';
  const asked = (stream: MigrateStream) =>
    stream.isTTY === true && !host.env['NO_COLOR'] && host.env['TERM'] !== 'dumb';
  const on = allowed && (color === 'always' || asked(host.stderr));
  return (style: 'red' | 'yellow', text: string) =>
    on ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * A text that cannot drive a terminal: names and messages come from files and databases, and an escape sequence in one
 * could hide a line. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
