import { keep, recall } from '../../lib/preferences.ts';

/** A keyset cursor leads forward only. Which page was before it is remembered here, for the tab. */
const name = 'tenantry.trail';
const most = 200;

/** Notes that `next` was reached from `from`. */
export function noteTrail(next: string, from: string | undefined): void {
  const trail = readTrail();
  const others = trail.filter(([cursor]) => cursor !== next);
  keep(name, [...others, [next, from ?? '']].slice(-most), sessionStorage);
}

/** The cursor of the page before; undefined for the first page, also when it is not known. */
export function trailBefore(cursor: string): string | undefined {
  const found = readTrail().find(([next]) => next === cursor);
  return found?.[1] || undefined;
}

function readTrail(): readonly (readonly [next: string, from: string])[] {
  return (recall(name, sessionStorage) ?? []) as readonly (readonly [string, string])[];
}
