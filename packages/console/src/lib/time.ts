const units = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const shortDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const local = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hour12: false,
});
/** Asked once: making a formatter costs more than a row of a list, and a list has a hundred moments. */
const { timeZone } = local.resolvedOptions();

/** How long ago, or in how long: `just now`, `5 min. ago`, `in 6 days`; beyond a month the date. */
export function relativeTime(iso: string, now: number): string {
  const ms = Date.parse(iso) - now;
  const size = Math.abs(ms);
  // The clock of the page ticks every ten seconds: what has just happened may lie before it.
  if (size < 12_000) return 'just now';
  if (size < 60_000) return ms < 0 ? `${Math.round(size / 1000)} s ago` : `in ${Math.round(size / 1000)} s`;
  if (size > 30 * 86_400_000) return shortDate.format(new Date(iso));
  const scale = units.find((candidate) => size >= candidate.ms) ?? units[2];
  return relative.format(Math.round(ms / scale.ms), scale.unit);
}

/** `2026-01-31 12:00:00.000 UTC`. */
export function utcTime(iso: string): string {
  return `${new Date(iso).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** The moment in the reader's own zone, with its name: `31 Jan 2026, 13:00:00 Europe/Berlin`. */
export function localTime(iso: string): string {
  return `${local.format(new Date(iso))} ${timeZone}`;
}

/** How long something took: `340 ms`, `2.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A moment as the value of `<input type="datetime-local">`, in the reader's own zone. */
export function toLocalInput(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
