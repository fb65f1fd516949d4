import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpSpec, HttpTenant } from '../../src/attacks/index.ts';

/** What an application gets wrong. */
export type Defect =
  | 'trusts a header'
  | 'trusts the host'
  | 'trusts the query'
  | 'trusts the body'
  | 'any id'
  | 'any id for writers'
  | 'caches by address'
  | 'public'
  | 'one validator'
  | 'the tenant in a variable'
  | 'a route without login'
  | 'unsigned tokens'
  | 'a weak key'
  | 'method override'
  | 'SQL from the address';

export interface LeakyApp {
  readonly spec: HttpSpec;
  close(): Promise<void>;
}

interface Note {
  readonly id: string;
  readonly tenant: string;
  text: string;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (key: string, head: string): string =>
  createHmac('sha256', key).update(head).digest('base64url');

/** A small application of notes over HTTP, sound but for the defects that are asked for. */
export async function startLeakyApp(...defects: readonly Defect[]): Promise<LeakyApp> {
  const has = (defect: Defect): boolean => defects.includes(defect);
  const key = has('a weak key') ? 'secret' : 'a key of thirty-two random bytes';
  const tokenOf = (tenant: string): string => {
    const head = `${base64({ typ: 'JWT', alg: 'HS256' })}.${base64({ tenant })}`;
    return `${head}.${sign(key, head)}`;
  };
  const notes: Note[] = [
    { id: '11', tenant: 'acme', text: 'mark-of-acme-7f3k' },
    { id: '22', tenant: 'globex', text: 'mark-of-globex-9q2x' },
  ];
  const cache = new Map<string, string>();
  let current = '';

  function callerOf(request: IncomingMessage): string | undefined {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const [head, claims, signature] = token?.split('.') ?? [];
    if (head === undefined || claims === undefined || signature === undefined) return undefined;
    try {
      const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { readonly alg: string };
      const unsigned = has('unsigned tokens') && alg.toLowerCase() === 'none';
      const [given, right] = [Buffer.from(signature), Buffer.from(sign(key, `${head}.${claims}`))];
      if (!unsigned && (given.length !== right.length || !timingSafeEqual(given, right))) return undefined;
      return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly tenant: string }).tenant;
    } catch {
      return undefined;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(`http://x${request.url?.startsWith('/') === true ? request.url : '/'}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    let body: Record<string, unknown> = {};
    try {
      body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as typeof body;
    } catch {
      return refuse(response, 400);
    }
    const isOpen = has('a route without login') && url.pathname === '/notes';
    const caller = callerOf(request);
    if (caller === undefined && !isOpen) return refuse(response, 401);
    const { headers } = request;
    let tenant = caller ?? 'acme';
    if (has('trusts a header')) tenant = String(headers['x-tenant-id'] ?? tenant);
    if (has('trusts the host'))
      tenant = /^([a-z]+)\./.exec(String(headers['x-forwarded-host'] ?? ''))?.[1] ?? tenant;
    if (has('trusts the query')) tenant = url.searchParams.get('tenant') ?? tenant;
    if (has('the tenant in a variable')) {
      current = tenant;
      await pause(2);
      tenant = current;
    }
    const override = has('method override') ? headers['x-http-method-override'] : undefined;
    const method = String(override ?? request.method);
    if (has('caches by address') && method === 'GET') {
      const kept = cache.get(url.pathname);
      if (kept !== undefined) return send(response, kept, {});
    }
    const own = notes.filter((note) => note.tenant === tenant);
    const id = /^\/notes\/([^/]+)$/.exec(url.pathname)?.[1];
    if (id === undefined && url.pathname !== '/notes') return refuse(response, 404);
    if (id === undefined && method === 'POST') {
      const to = has('trusts the body') ? textOf(body['tenant'], tenant) : tenant;
      notes.push({
        id: String(notes.length * 100),
        tenant: to,
        text: textOf(body['text'], '').slice(0, 200),
      });
      return send(response, '{}', {});
    }
    const reachable =
      (has('any id') && method === 'GET') ||
      (has('any id for writers') && method !== 'GET') ||
      override !== undefined
        ? notes
        : own;
    const found = id === undefined ? own : reachable.filter((note) => note.id === id);
    const injected =
      has('SQL from the address') &&
      /or\s+'?1'?\s*=\s*'?1/i.test(decodeURIComponent(url.pathname.replaceAll(/%(?![0-9a-f]{2})/gi, '')));
    const shown = injected ? notes : found;
    if (id !== undefined && shown.length === 0) return refuse(response, 404);
    if (method === 'DELETE') {
      for (const note of found) notes.splice(notes.indexOf(note), 1);
      return send(response, '{}', {});
    }
    if (method === 'PATCH') {
      for (const note of found) note.text = textOf(body['text'], '').slice(0, 200);
      return send(response, '{}', {});
    }
    if (method !== 'GET') return refuse(response, 405);
    const text = JSON.stringify(shown.map((note) => ({ id: note.id, text: note.text })));
    const etag = has('one validator') ? '"1"' : `"${sign('etag', text)}"`;
    if (headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    if (has('caches by address')) cache.set(url.pathname, text);
    send(response, text, {
      etag,
      'cache-control': has('public') ? 'public, max-age=60' : 'private, no-store',
    });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => refuse(response, 400));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tenant = (name: string, id: string, mark: string): HttpTenant => ({
    name,
    headers: { authorization: `Bearer ${tokenOf(name)}` },
    marks: [mark],
    ids: [name],
    params: { note: id },
  });
  return {
    spec: {
      url: `http://127.0.0.1:${port}`,
      tenants: [tenant('acme', '11', 'mark-of-acme-7f3k'), tenant('globex', '22', 'mark-of-globex-9q2x')],
      routes: [
        'GET /notes',
        'GET /notes/{note}',
        { route: 'POST /notes', body: { text: '{word}' } },
        { route: 'PATCH /notes/{note}', body: { text: '{word}' } },
        'DELETE /notes/{note}',
      ],
      atOnce: 10,
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`{"status":${status}}`);
}

function send(response: ServerResponse, text: string, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text);
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
