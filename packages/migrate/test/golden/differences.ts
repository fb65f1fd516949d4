import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Replayed, Step } from './replay.ts';

const DIRECTORY = join(import.meta.dirname, 'differences');
const DOCS = join(import.meta.dirname, '../../../../docs/migrate/differences.md');

/** What is expected of a scenario instead of what Flyway did, and the row of the documentation that says why. */
interface Difference {
  readonly difference: string;
  /** By the step's index; the others are as in Flyway. */
  readonly steps: Readonly<Record<string, Replayed>>;
}

/** Every scenario with a difference, by its name. */
export const differences: ReadonlyMap<string, Difference> = new Map(
  readdirSync(DIRECTORY).map((file) => [file.replace(/\.json$/, ''), readDifference(file)]),
);

function readDifference(file: string): Difference {
  return JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as Difference;
}

/** What Flyway did. */
export function flywayStep({ result, history, queryResult }: Step): Replayed {
  const { exception: _exception, ...rest } = result;
  return { result: rest, history, ...(queryResult === undefined ? {} : { queryResult }) };
}

/** What is expected here: what Flyway did, but where the documentation says otherwise. */
export function expectedStep(scenario: string, index: number, step: Step): Replayed {
  return differences.get(scenario)?.steps[String(index)] ?? flywayStep(step);
}

/** The rows of the documentation's table: its first cell, and the scenarios in its last. */
export function documented(): ReadonlyMap<string, readonly string[]> {
  if (!existsSync(DOCS)) return new Map();
  const rows = readFileSync(DOCS, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  return new Map(
    rows.map((cells) => [
      (cells[1] ?? '').replaceAll('`', ''),
      [...(cells.at(-2) ?? '').matchAll(/\b\d+[a-z]?\b/g)].map(([number]) => number),
    ]),
  );
}
