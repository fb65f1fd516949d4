import { STATUS_CODES } from 'node:http';
import { problemOf } from '@tenantry/tenancy/resolve';

/** An error that is the caller's to mend. Its message is for the caller's eyes. */
export class Problem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Problem';
    this.status = status;
  }
}

/** An answer as RFC 9457 has it. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the caller is told about an error. A 500 says nothing: what happened is for the log. */
export function answerTo(error: unknown): ProblemAnswer {
  const tenancy = problemOf(error);
  if (tenancy !== undefined) return { ...tenancy, body: JSON.stringify(tenancy.body) };
  const status = statusOf(error);
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    ...(error instanceof Problem ? { detail: error.message } : {}),
  };
  return { status, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify(body) };
}

/** Web frameworks put the status of what they refuse (broken JSON, too large a body) on the error. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500;
  const { status, statusCode = status } = error as {
    readonly status?: unknown;
    readonly statusCode?: unknown;
  };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}
