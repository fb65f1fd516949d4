/** How much a line of the log matters, in Flyway's words. */
export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** One line of what a command does, worded as Flyway words it where Flyway has such a line. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

/** Receives every line as it happens. */
export type LogListener = (line: LogLine) => void;

/** The lines of one command by level. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A log that hands its lines to a listener, or to nobody. */
export function createLog(listener: LogListener | undefined): Log {
  const at = (level: LogLevel) => (message: string) => listener?.({ level, message });
  return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}

/** A duration as Flyway prints it: `00:01.042s`. */
export function formatDuration(milliseconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const seconds = Math.floor(milliseconds / 1000);
  const rest = String(Math.floor(milliseconds) % 1000).padStart(3, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${two(minutes)}:${two(seconds % 60)}.${rest}s`;
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${rest}s`;
}
