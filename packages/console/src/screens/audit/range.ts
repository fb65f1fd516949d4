/** How far back a list looks; `custom` is a pair of moments. */
export const ranges = [
  { value: '15m', label: 'Last 15 minutes', ms: 900_000 },
  { value: '1h', label: 'Last hour', ms: 3_600_000 },
  { value: '24h', label: 'Last 24 hours', ms: 86_400_000 },
  { value: '7d', label: 'Last 7 days', ms: 604_800_000 },
  { value: '30d', label: 'Last 30 days', ms: 2_592_000_000 },
] as const;

/** The moment that a range begins at, as the API wants it. */
export function startOf(value: string, now: number): string | undefined {
  const range = ranges.find((candidate) => candidate.value === value);
  return range && new Date(now - range.ms).toISOString();
}
