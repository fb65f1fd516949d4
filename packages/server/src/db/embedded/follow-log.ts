import { open, stat } from 'node:fs/promises';
import { LogReader, type LoggedRefusal } from './log-lines.ts';
import { rotated } from './rotate-log.ts';

export interface FollowOptions {
  readonly file: string;
  /** The byte to begin with. */
  readonly from: number;
  readonly tell: (refusals: readonly LoggedRefusal[]) => void;
  /** How often the file is looked at, in milliseconds; default 250. */
  readonly everyMs?: number;
}

/** Bytes of one reading. A line that is longer is none that is waited for. */
const chunk = 1024 * 1024;

/**
 * Reads what PostgreSQL adds to its log, also across {@link rotateLog}. By looking at it: what the operating systems offer to be
 * told by is different on each and loses events on some.
 *
 * @returns the way to stop, which reads to the end first
 */
export function followLog(options: FollowOptions): () => Promise<void> {
  const reader = new LogReader();
  let at = options.from;
  let rest = '';
  let reading: Promise<void> = Promise.resolve();

  const take = async (file: string, to: number): Promise<void> => {
    const handle = await open(file, 'r');
    try {
      while (at < to) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(chunk, to - at)), 0, null, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        // One byte is one letter: messages of other alphabets are none that is waited for.
        const lines = (rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
        rest = lines.pop()!;
        if (rest.length > chunk) rest = '';
        const refusals = lines.map((line) => reader.read(line)).filter((refusal) => refusal !== undefined);
        if (refusals.length > 0) options.tell(refusals);
      }
    } finally {
      await handle.close();
    }
  };

  const sizeOf = (file: string): Promise<number> =>
    stat(file).then(
      ({ size }) => size,
      () => 0,
    );

  const look = async (): Promise<void> => {
    const size = await sizeOf(options.file);
    if (size < at) {
      // It was moved away and emptied: first what it had by then.
      const before = rotated(options.file);
      await take(before, await sizeOf(before)).catch(() => undefined);
      at = 0;
      rest = '';
    }
    if (size > at) await take(options.file, size);
  };

  const lookSoon = (): Promise<void> => {
    // A file that cannot be read now may be read the next time.
    reading = reading.then(look).catch(() => undefined);
    return reading;
  };
  const timer = setInterval(() => void lookSoon(), options.everyMs ?? 250).unref();
  return async () => {
    clearInterval(timer);
    await lookSoon();
  };
}
