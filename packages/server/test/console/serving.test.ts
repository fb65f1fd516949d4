import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, brotliDecompressSync, gzipSync, brotliCompressSync } from 'node:zlib';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Me } from '@tenantry/contract';
import { openBrowser } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const script = `export const answer = ${JSON.stringify('x'.repeat(4000))};`;
const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><base href="/" /><meta name="csp-nonce" content="" />
<script type="module" crossorigin src="./assets/index-a1b2c3.js"></script></head><body></body></html>`;

let server: TestServer;
let directory: string;
let dist: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'console dist '));
  dist = join(directory, 'dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(directory, 'secret.js'), 'a secret');
  await writeFile(join(dist, 'index.html'), page);
  await writeFile(join(dist, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const file = join(dist, 'assets', 'index-a1b2c3.js');
  await writeFile(file, script);
  await writeFile(`${file}.gz`, gzipSync(script));
  await writeFile(`${file}.br`, brotliCompressSync(script));
  server = await startTestServer({ console: dist, trustedProxies: '127.0.0.1' });
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const html = { accept: 'text/html,application/xhtml+xml' };

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** As it comes over the wire: `fetch` would take compression away. */
function raw(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the page', () => {
  test.each(['/', '/tenants', '/tenants/acme/schema?tab=2', '/isolation/checks/members.edge', '/v2'])(
    '%s',
    async (path) => {
      const answer = await fetch(server.url + path, { headers: html });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('assets/index-a1b2c3.js');
    },
  );

  test('its policy allows nothing inline, and its nonce is another one each time', async () => {
    const nonces = new Set<string>();
    for (let visit = 0; visit < 3; visit += 1) {
      const answer = await fetch(server.url, { headers: html });
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).not.toContain('unsafe');
      expect(policy).not.toMatch(/https?:|\*/);
      for (const directive of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
        expect(policy.split('; ')).toContain(directive);
      const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
      expect(await answer.text()).toContain(`<meta name="csp-nonce" content="${nonce}"`);
      nonces.add(nonce);
      expect(answer.headers.get('x-frame-options')).toBe('DENY');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect(nonces.size).toBe(3);
  });

  test('a new build is served without a restart', async () => {
    await writeFile(join(dist, 'index.html'), page.replace('</body>', '<p>new</p></body>'));
    expect(await (await fetch(server.url, { headers: html })).text()).toContain('<p>new</p>');
  });
});

describe('files', () => {
  const asset = '/assets/index-a1b2c3.js';

  test('a name with a hash is kept for a year', async () => {
    const answer = await fetch(server.url + asset);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('content-type')).toMatch(/javascript/);
    expect(await answer.text()).toBe(script);
  });

  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('as %s for those who take it', async (encoding, unpack) => {
    const answer = await raw(server.url + asset, { 'accept-encoding': encoding });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers['vary']).toMatch(/accept-encoding/i);
    expect(answer.body.length).toBeLessThan(script.length / 4);
    expect(unpack(answer.body).toString()).toBe(script);
  });

  test('beside the page they are asked for again', async () => {
    const answer = await fetch(`${server.url}/favicon.svg`);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('content-type')).toBe('image/svg+xml');
    const etag = answer.headers.get('etag') ?? '';
    await answer.text();
    const again = await raw(`${server.url}/favicon.svg`, { 'if-none-match': etag });
    expect(again.status).toBe(304);
  });

  test.each(['/assets/none.js', '/none.js', '/v1/none', '/auth/none'])('%s is nothing', async (path) => {
    const answer = await raw(server.url + path, html);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each([
    '/..%2fsecret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '//secret.js',
  ])('%s does not leave the directory', async (path) => {
    const answer = await raw(server.url + path, html);
    expect(answer.body.toString()).not.toContain('a secret');
  });

  test('a program that asks for an unknown address gets a problem, not a page', async () => {
    const answer = await fetch(`${server.url}/tenants`, { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(404);
  });

  test('they use up nobody’s allowance', async () => {
    const answer = await fetch(server.url + asset);
    expect(answer.headers.get('x-ratelimit-limit')).toBeNull();
    await answer.text();
  });
});

test('answers of the API keep the policy that allows nothing', async () => {
  const answer = await fetch(`${server.url}/v1/me`);
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test.each([
  [
    'application/csp-report',
    { 'csp-report': { 'effective-directive': 'script-src', 'blocked-uri': 'inline' } },
  ],
  ['application/reports+json', [{ type: 'csp-violation', body: {} }]],
])('reports of violations are taken as %s', async (type, body) => {
  const answer = await fetch(`${server.url}/csp-report`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(204);
});

test('without a build the page says how to get one, and the API works', async () => {
  const other = await startTestServer({ console: join(dist, 'none') });
  try {
    const answer = await fetch(other.url, { headers: html });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('npm start');
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200);
  } finally {
    await other.stop();
  }
});

/** A reverse proxy under a path, as nginx is: it takes the prefix away, or passes it on. */
async function startProxy(
  target: string,
  prefix: string,
  options: { readonly strips: boolean; readonly says: boolean },
): Promise<{ readonly url: string; readonly server: Server }> {
  const upstream = new URL(target);
  const proxy = createServer((incoming, outgoing) => {
    const url = incoming.url ?? '/';
    if (!url.startsWith(`${prefix}/`)) return void outgoing.writeHead(404).end();
    const path = options.strips ? url.slice(prefix.length) : url;
    const headers = {
      ...incoming.headers,
      host: upstream.host,
      ...(options.says
        ? {
            'x-forwarded-for': '203.0.113.7',
            'x-forwarded-proto': 'http',
            'x-forwarded-host': incoming.headers.host,
            'x-forwarded-prefix': prefix,
          }
        : {}),
    };
    const sent = httpRequest(
      { host: upstream.hostname, port: upstream.port, path, method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    sent.on('error', () => outgoing.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}${prefix}`, server: proxy };
}

async function useThrough(base: string, at: TestServer): Promise<void> {
  const text = await (await fetch(`${base}/tenants/acme`, { headers: html })).text();
  const prefix = new URL(base).pathname;
  expect(text).toContain(`<base href="${prefix}/"`);
  const asset = await fetch(new URL('./assets/index-a1b2c3.js', `${base}/`));
  expect(await asset.text()).toBe(script);
  const browser = openBrowser(at, base);
  expect((await browser.signIn({ apiKey: at.token })).status).toBe(201);
  expect((await browser.send<Me>('/v1/me')).body).toMatchObject({ role: 'admin' });
  const refused = await browser.send('/v1/audit/verify', { method: 'POST', origin: 'https://evil.example' });
  expect(refused.body.code).toBe('CSRF_REFUSED');
  expect((await browser.send('/v1/audit/verify', { method: 'POST' })).status).toBe(200);
}

describe('behind a reverse proxy under /tenantry/', () => {
  test('that is trusted, takes the prefix away and says so', async () => {
    const { url, server: proxy } = await startProxy(server.url, '/tenantry', { strips: true, says: true });
    try {
      await useThrough(url, server);
      const { items } = await server.admin.call('listAudit', {
        query: { action: 'session.create', limit: 1 },
      });
      expect(items[0]?.sourceIp).toBe('203.0.113.7');
    } finally {
      proxy.close();
    }
  });

  test('a prefix from somebody who is not trusted, or one that is markup, is not believed', async () => {
    for (const prefix of ['/"><script>', '//evil.example', '/a b', 'evil']) {
      const answer = await fetch(server.url, { headers: { ...html, 'x-forwarded-prefix': prefix } });
      expect(await answer.text()).toContain('<base href="/"');
    }
    const other = await startTestServer({ console: dist });
    try {
      const answer = await fetch(other.url, { headers: { ...html, 'x-forwarded-prefix': '/tenantry' } });
      expect(await answer.text()).toContain('<base href="/"');
    } finally {
      await other.stop();
    }
  });

  test.each([true, false])(
    'whose address is in TENANTRY_PUBLIC_URL (prefix taken away: %s)',
    async (strips) => {
      const other = await startTestServer({ console: dist, publicUrl: 'http://127.0.0.1:1/tenantry' });
      const { url, server: proxy } = await startProxy(other.url, '/tenantry', { strips, says: false });
      try {
        await other.restart({ publicUrl: url, port: new URL(other.url).port });
        await useThrough(url, other);
      } finally {
        proxy.close();
        await other.stop();
      }
    },
  );

  test('over https the cookie is for this host alone, and never sent in the clear', async () => {
    const other = await startTestServer({ console: dist, publicUrl: 'https://ops.example.com/tenantry' });
    try {
      const browser = openBrowser(other);
      const { status } = await browser.send('/v1/session', {
        method: 'POST',
        body: { apiKey: other.token },
        origin: 'https://ops.example.com',
      });
      expect(status).toBe(201);
      const [cookie = ''] = browser.setCookies;
      expect(cookie).toMatch(/^__Host-tenantry-session=/);
      for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/'])
        expect(cookie.split('; ')).toContain(attribute);
      expect(cookie).not.toMatch(/Domain/i);
    } finally {
      await other.stop();
    }
  });
});

test('the built page of this repository keeps the places that the server fills', async () => {
  const source = await readFile(new URL('../../../console/index.html', import.meta.url), 'utf8');
  expect(source).toMatch(/<base href="[^"]*"/);
  expect(source).toMatch(/<meta name="csp-nonce" content="[^"]*"/);
});
