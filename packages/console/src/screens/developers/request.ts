import { baseUrl } from '../../lib/base.ts';
import { onceKey } from '../../lib/once-key.ts';
import { sessionFetch } from '../../lib/session-fetch.ts';
import type { ApiOperation } from './openapi.ts';

/** What somebody has filled in; a value that is empty is not sent. */
export interface FilledRequest {
  readonly values: Readonly<Record<string, string>>;
  /** JSON, as typed. */
  readonly body: string;
}

/** Names of the parameters and the body that keep a request from being sent. */
export function problemsWith(operation: ApiOperation, { values, body }: FilledRequest): readonly string[] {
  const missing = operation.parameters
    .filter(({ name, required }) => required && !values[name])
    .map(({ name }) => `${name} is missing.`);
  return operation.body === undefined || isJson(body) ? missing : [...missing, 'The body is not valid JSON.'];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Path and query, without the address of the control plane. */
export function pathWith({ path, parameters }: ApiOperation, { values }: FilledRequest): string {
  const query = new URLSearchParams();
  for (const { name, place } of parameters)
    if (place === 'query' && values[name]) query.set(name, values[name]);
  const filled = path.replace(/\{(\w+)\}/g, (hole, name: string) =>
    values[name] ? encodeURIComponent(values[name]) : hole,
  );
  return query.size === 0 ? filled : `${filled}?${query.toString()}`;
}

/** The same request for a shell. `$TOKEN` stays a variable: a token in a history file is a leaked token. */
export function curlOf(operation: ApiOperation, filled: FilledRequest): string {
  const { method, contentType, idempotent } = operation;
  const lines = [
    `curl ${contentType === 'text/event-stream' ? '-N ' : ''}${method === 'GET' ? '' : `-X ${method} `}${quoted(
      baseUrl + pathWith(operation, filled),
    )}`,
    '-H "Authorization: Bearer $TOKEN"',
  ];
  if (idempotent) lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (operation.body !== undefined) {
    lines.push("-H 'content-type: application/json'", `-d ${quoted(compact(filled.body))}`);
  }
  return lines.join(' \\\n  ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function compact(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}

/** What came back, as it was. */
export interface RawAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly ms: number;
  readonly requestId: string | null;
  readonly contentType: string;
  readonly text: string;
  /** There was more than is worth showing. */
  readonly truncated: boolean;
}

/** More than this in one answer is for a file, not for a page. */
const mostShown = 200_000;
/** A stream never ends by itself. */
const streamMs = 5_000;

/** Sends a request with the session of the console, and takes whatever is answered. */
export async function runRequest(operation: ApiOperation, filled: FilledRequest): Promise<RawAnswer> {
  const started = performance.now();
  const isStream = operation.contentType === 'text/event-stream';
  const response = await sessionFetch(baseUrl + pathWith(operation, filled), {
    method: operation.method,
    headers: {
      ...(operation.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(operation.idempotent ? { 'idempotency-key': onceKey() } : {}),
    },
    ...(operation.body === undefined ? {} : { body: filled.body }),
    cache: 'no-store',
  });
  const text = await readUpTo(response, isStream ? streamMs : undefined);
  return {
    status: response.status,
    statusText: response.statusText,
    ms: Math.round(performance.now() - started),
    requestId: response.headers.get('x-request-id'),
    contentType: response.headers.get('content-type') ?? '',
    text: text.slice(0, mostShown),
    truncated: text.length > mostShown,
  };
}

async function readUpTo(response: Response, ms: number | undefined): Promise<string> {
  if (ms === undefined || !response.ok) return response.text();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const timer = setTimeout(() => void reader?.cancel(), ms);
  let text = '';
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) break;
    text += read.value;
  }
  clearTimeout(timer);
  return text;
}
