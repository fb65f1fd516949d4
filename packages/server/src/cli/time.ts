import { usageError } from './exit.ts';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `500ms`, `90s`, `15m`, `12h` or `30d` as milliseconds. Throws a usage error that names `flag`. */
export function parseDuration(flag: string, text: string): number {
  const match = /^(\d{1,9})(ms|[smhd])$/.exec(text.trim());
  if (!match) throw usageError(`${flag} must be a duration as 90s, 15m, 12h or 30d, not "${text}".`);
  return Number(match[1]) * units[match[2] as keyof typeof units];
}

/** A moment as ISO 8601 in UTC: given so, or as a duration before now (`24h`). Throws a usage error that names `flag`. */
export function parseMoment(flag: string, text: string, now = Date.now()): string {
  const written = text.trim();
  // The last year that ISO 8601 writes without a sign is 9999.
  const time = /^\d+[a-z]+$/.test(written) ? now - parseDuration(flag, written) : Date.parse(written);
  if (Number.isNaN(time) || Math.abs(time) > 253_402_300_799_999) {
    throw usageError(
      `${flag} must be a time as 2026-01-31T12:00:00Z, or how long ago as 24h, not "${text}".`,
    );
  }
  return new Date(time).toISOString();
}

/** How long something took: `340 ms`, `2.4 s`, `3 min 20 s`. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const scales = [
  { from: 86_400_000, unit: 'd' },
  { from: 3_600_000, unit: 'h' },
  { from: 60_000, unit: 'min' },
] as const;

/** How long ago, or in how long: `just now`, `5 min ago`, `in 6 d`. */
export function relativeTime(iso: string | null, now = Date.now()): string {
  if (iso === null) return '';
  const ms = Date.parse(iso) - now;
  const scale = scales.find(({ from }) => Math.abs(ms) >= from);
  if (!scale)
    return ms > 5000
      ? `in ${Math.round(ms / 1000)} s`
      : ms > -10_000
        ? 'just now'
        : `${Math.round(-ms / 1000)} s ago`;
  const count = Math.round(Math.abs(ms) / scale.from);
  return ms < 0 ? `${count} ${scale.unit} ago` : `in ${count} ${scale.unit}`;
}
