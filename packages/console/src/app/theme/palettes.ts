/** A hue of the theme; see `hues.ts`. */
export type Hue = 'green' | 'amber' | 'red' | 'blue' | 'violet' | 'slate';

/**
 * The palette of every word that can stand in a badge: the states of tenants, operations, steps, readers and findings, the outcomes
 * of the audit trail, verdicts and severities. `colorPalette={tenant.state}` is then all that a screen writes.
 */
export const palettes = {
  // Tenants.
  provisioning: 'blue',
  active: 'green',
  suspended: 'amber',
  archived: 'slate',
  deleting: 'red',
  deleted: 'slate',
  // Operations and their steps.
  pending: 'slate',
  queued: 'slate',
  running: 'blue',
  cancelling: 'amber',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'slate',
  skipped: 'slate',
  // The audit trail.
  success: 'green',
  failure: 'red',
  denied: 'amber',
  // Readers.
  opening: 'blue',
  open: 'amber',
  closing: 'blue',
  closed: 'slate',
  // Verdicts of isolation; an old one proves nothing, so it is as red as a failed one.
  verified: 'green',
  failing: 'red',
  stale: 'red',
  unverified: 'slate',
  passed: 'green',
  // Findings.
  resolved: 'green',
  accepted: 'violet',
  critical: 'red',
  high: 'red',
  medium: 'amber',
  low: 'slate',
  info: 'blue',
  // Keys.
  expired: 'slate',
  revoked: 'slate',
} as const satisfies Record<string, Hue>;

/** A word that has a palette. */
export type PaletteName = keyof typeof palettes;

/** True when a word has a palette of its own. */
export function hasPalette(word: string): word is PaletteName {
  return Object.hasOwn(palettes, word);
}
