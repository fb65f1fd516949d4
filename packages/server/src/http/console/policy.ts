/** Where browsers report what the policy has stopped; relative to the path prefix. */
export const reportPath = '/csp-report';

/**
 * What the console's page may load and run: its own files, and styles that carry this answer's nonce. Nothing inline, nothing from
 * elsewhere, in no frame.
 */
export function consolePolicy(nonce: string, prefix: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    `report-uri ${prefix}${reportPath}`,
  ].join('; ');
}
