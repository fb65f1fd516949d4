import type { ConfigProblem } from './error.ts';
import type { AnyKey } from './key.ts';
import type { RawValue } from './value.ts';

/** Where a value was written. */
export interface Place {
  /** A file's path, a variable's name, or `command line`. */
  readonly file: string;
  readonly line?: number | undefined;
  /** The key as it is written there. */
  readonly written: string;
}

/** A key with the value that one source gives it. */
export interface Assignment {
  readonly key: AnyKey;
  /** The name below a key of names, as `region` of `placeholders.region`. */
  readonly below: string | undefined;
  readonly value: RawValue;
  readonly place: Place;
  /** Counts only where this is the environment in use; undefined: always. */
  readonly environment: string | undefined;
}

/** What a source says, and what is wrong with it. */
export interface Reading {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly ConfigProblem[];
  /** What was read and has no effect. */
  readonly notes: readonly string[];
  /** Names of the environments that it defines. */
  readonly environments: readonly string[];
}

export const nothingRead: Reading = { assignments: [], problems: [], notes: [], environments: [] };

/** Several readings as one, the later after the earlier. */
export function joinReadings(readings: readonly Reading[]): Reading {
  return {
    assignments: readings.flatMap(({ assignments }) => assignments),
    problems: readings.flatMap(({ problems }) => problems),
    notes: readings.flatMap(({ notes }) => notes),
    environments: readings.flatMap(({ environments }) => environments),
  };
}

/** The reading of one key. */
export function assigned(assignment: Assignment): Reading {
  return { ...nothingRead, assignments: [assignment] };
}

/** The reading of something that is wrong. */
export function wrong(problem: ConfigProblem): Reading {
  return { ...nothingRead, problems: [problem] };
}

/** The reading of something without effect. */
export function noted(note: string): Reading {
  return { ...nothingRead, notes: [note] };
}
