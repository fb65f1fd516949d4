import type { Problem } from '@tenantry/contract';

const advice: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'Sign in again.',
  FORBIDDEN: 'Ask an administrator for a role that has this permission.',
  TENANT_NOT_FOUND:
    'It may have been purged, or belong to somebody else. Look for it in the list of tenants.',
  VERSION_CONFLICT:
    'Somebody else changed it meanwhile. Reload to see what it is now, then repeat your change.',
  TENANT_BUSY: 'Wait until the running operation has ended, or cancel it under Operations.',
  RATE_LIMITED: 'Wait a moment, then try again.',
  DATABASE_UNAVAILABLE: 'Check that PostgreSQL runs and that the control plane can reach it, then try again.',
  CELL_UNREACHABLE: 'Check that the cell’s PostgreSQL runs and that the control plane can reach it.',
  SHUTTING_DOWN: 'The control plane is restarting. Try again in a few seconds.',
  CURSOR_INVALID: 'Go back to the first page.',
  MIGRATION_FAILED: 'Correct the migration, then retry. PostgreSQL has undone everything that it did.',
  MIGRATION_SYNTAX: 'Correct the migration, then retry.',
  INTERNAL: 'Try again. If it stays, look for the request id in the control plane’s log.',
};

/** What to do next about a problem; undefined where the problem says it itself. */
export function adviceFor(problem: Problem): string | undefined {
  return problem.hint ?? advice[problem.code];
}
