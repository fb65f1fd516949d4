import type { Problem } from '@tenantry/contract';
import type { TestServer } from './server.ts';

/** An answer as it came over the wire. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface RawRequest {
  readonly method?: string;
  /** Sent as JSON unless it is a text, which is sent as it is. */
  readonly body?: unknown;
  /** The administrator's if absent, none if null. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Any request, also one that the typed client would not let through. */
export async function send<T = Problem>(
  server: TestServer,
  path: string,
  { method = 'GET', body, token = server.token, headers = {} }: RawRequest = {},
): Promise<Answer<T>> {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const json = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
}

/** The statuses of answers to requests that were sent together, in order of their numbers. */
export function statusesOf(answers: readonly { readonly status: number }[]): number[] {
  return answers.map(({ status }) => status).toSorted((a, b) => a - b);
}

/** The problem that a call is answered with; fails when it is answered with success. */
export async function problemOf(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (error) {
    return (error as { readonly problem: Problem }).problem;
  }
  throw new Error('The call succeeded, and should have been refused.');
}
