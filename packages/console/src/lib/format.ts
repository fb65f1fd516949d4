const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `12,345`. */
export function count(n: number): string {
  return whole.format(n);
}

/** `12,345` up to six digits, `1.2M` beyond. */
export function compact(n: number): string {
  return Math.abs(n) < 1_000_000 ? whole.format(Math.round(n)) : short.format(n);
}

/** `1 tenant`, `2 tenants`, `12,345 tenants`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${whole.format(n)} ${n === 1 ? one : many}`;
}

const sizes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `812 B`, `3.4 MB`: powers of 1024, as PostgreSQL's pg_size_pretty counts. */
export function bytes(n: number): string {
  let value = n;
  let at = 0;
  while (Math.abs(value) >= 1024 && at < sizes.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${sizes[at] ?? ''}`;
}
