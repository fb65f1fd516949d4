import { characterIndex } from '../positions.ts';
import type { Script } from './script.ts';

/** What a statement of ours is for, which decides what its failure means. */
export type FramePurpose = 'begin' | 'lock' | 'setup' | 'history' | 'commit';

/** What the server's answers belong to, one for each statement of a message. */
export type Entry =
  | {
      readonly kind: 'frame';
      readonly purpose: FramePurpose;
      readonly sql: string;
      /** Where the statement begins in the message's text. */
      readonly at: number;
    }
  | {
      readonly kind: 'statement';
      readonly script: Script;
      readonly statement: number;
      readonly at: number;
    };

/** Statements that go to the server together, in one message of the simple protocol. */
export interface Message {
  readonly text: string;
  readonly entries: readonly Entry[];
  readonly copyData: readonly string[];
  /** What the log says as soon as the statement of this index begins. */
  readonly announcements: ReadonlyMap<number, string>;
}

/**
 * Puts our own statements and those of scripts together. All of it becomes one message, because every message is a round
 * trip; only a script that could not be split stands in a message of its own, since nobody knows how many answers it has.
 */
export class MessageBuilder {
  #done: Message[] = [];
  #parts: string[] = [];
  #entries: Entry[] = [];
  #copyData: string[] = [];
  #announcements = new Map<number, string>();
  #length = 0;

  /** Says something when the next statement begins. */
  announce(line: string): this {
    this.#announcements.set(this.#entries.length, line);
    return this;
  }

  frame(purpose: FramePurpose, sql: string): this {
    this.#entries.push({ kind: 'frame', purpose, sql, at: this.#length });
    this.#push(`${sql};\n`);
    return this;
  }

  script(script: Script): this {
    if (script.whole) this.#cut();
    for (const index of script.statements.keys()) this.statement(script, index);
    if (script.whole) this.#cut();
    return this;
  }

  statement(script: Script, index: number): this {
    const statement = script.statements[index];
    if (statement === undefined) return this;
    const { start, end, copy } = statement;
    this.#entries.push({ kind: 'statement', script, statement: index, at: this.#length });
    // The semicolon on a line of its own: the statement may end in a comment.
    this.#push(`${script.text.slice(start, end)}\n;\n`);
    if (copy !== null) this.#copyData.push(script.text.slice(copy.start, copy.end));
    return this;
  }

  build(): readonly Message[] {
    this.#cut();
    return this.#done;
  }

  #push(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  #cut(): void {
    if (this.#entries.length === 0) return;
    const next = this.#announcements.get(this.#entries.length);
    this.#announcements.delete(this.#entries.length);
    this.#done.push({
      text: this.#parts.join(''),
      entries: this.#entries,
      copyData: this.#copyData,
      announcements: this.#announcements,
    });
    this.#parts = [];
    this.#entries = [];
    this.#copyData = [];
    this.#announcements = new Map(next === undefined ? [] : [[0, next]]);
    this.#length = 0;
  }
}

/** The statement of a script that a position in the message's text (characters, from 1) lies in, and the offset there. */
export function locate(
  message: Message,
  position: number,
): { readonly entry: Extract<Entry, { kind: 'statement' }>; readonly offset: number } | null {
  const index = characterIndex(message.text, position - 1);
  const entry = message.entries.findLast((e) => e.kind === 'statement' && e.at <= index);
  if (entry?.kind !== 'statement') return null;
  const statement = entry.script.statements[entry.statement];
  if (statement === undefined || index - entry.at > statement.end - statement.start) return null;
  return { entry, offset: index - entry.at };
}
