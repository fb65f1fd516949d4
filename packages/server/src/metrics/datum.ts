import type { CloudWatchMetric } from './catalogue.ts';

/** One value of a metric, of the whole installation or of a cell. */
export interface Datum {
  readonly metric: CloudWatchMetric;
  /** Name of the cell; absent for the whole. */
  readonly cell?: string;
  readonly value: number;
}

/** CloudWatch takes values in this range, and neither NaN nor infinity. */
const largest = 2 ** 360;

/** True for a value that CloudWatch takes. One that it does not take would make it refuse the whole request. */
export function isSendable({ value }: Datum): boolean {
  return Number.isFinite(value) && Math.abs(value) <= largest;
}

/** A text as the value of a dimension: ASCII, not empty, no colon in front, at most 1,024 characters. */
export function dimensionValue(text: string): string {
  const ascii = text.replaceAll(/[^\x20-\x7e]/g, '_').slice(0, 1_024);
  if (ascii.trim() === '') return '_';
  return ascii.startsWith(':') ? `_${ascii.slice(1)}` : ascii;
}

/** In parts that fit into one request: at most `most` of them. */
export function inBatches<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, i) =>
    items.slice(i * most, (i + 1) * most),
  );
}
