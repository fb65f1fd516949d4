import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalHost } from '../../src/resolve/host.ts';
import {
  apiKey,
  customDomain,
  fetchRequest,
  header,
  path,
  subdomain,
  type Finding,
  type TenantSource,
} from '../../src/resolve/index.ts';
import { requestOf } from './requests.ts';

/** What a source says, in one word: the reference, `absent` or `invalid`. */
async function read(
  source: TenantSource,
  url: string,
  ...headers: (readonly [string, string])[]
): Promise<string> {
  const finding: Finding = await source.read(requestOf(url, ...headers));
  return finding.kind === 'found' ? finding.ref : finding.kind;
}

const host = (value: string) => ['Host', value] as const;

test('of two domains of which one lies under the other, the nearer one counts', async () => {
  for (const of of [
    ['example.com', 'app.example.com'],
    ['app.example.com', 'example.com'],
  ]) {
    const source = subdomain({ of });
    expect(await read(source, '/', host('acme.app.example.com'))).toBe('acme');
    expect(await read(source, '/', host('acme.example.com'))).toBe('acme');
  }
});

describe('subdomain', () => {
  const source = subdomain({ of: ['app.example.com', 'bücher.example'], except: ['www', 'status'] });

  test.each([
    ['acme.app.example.com', 'acme'],
    ['ACME.App.Example.COM', 'acme'],
    ['acme.app.example.com.', 'acme'],
    ['acme.app.example.com:8443', 'acme'],
    ['acme.app.example.com.:8443', 'acme'],
    ['acme.xn--bcher-kva.example', 'acme'],
    ['xn--bcher-kva.app.example.com', 'xn--bcher-kva'],
    ['app.example.com', 'absent'],
    ['www.app.example.com', 'absent'],
    ['status.app.example.com', 'absent'],
    ['evil-app.example.com', 'absent'],
    ['acme.app.example.com.evil.test', 'absent'],
    ['127.0.0.1:3000', 'absent'],
    ['[::1]:3000', 'absent'],
    ['localhost', 'absent'],
    ['a.b.app.example.com', 'invalid'],
    ['_acme.app.example.com', 'invalid'],
    ['-acme.app.example.com', 'invalid'],
    ['.app.example.com', 'invalid'],
    ['acme..app.example.com', 'invalid'],
    ['acme.app.example.com..', 'invalid'],
    ['acme.app.example.com:port', 'invalid'],
    ['user@acme.app.example.com', 'invalid'],
    ['acme.app.example.com/x', 'invalid'],
    ['acme.app.example.com, b.app.example.com', 'invalid'],
    ['acme%2eapp.example.com', 'invalid'],
    ['b\u00fccher.example', 'invalid'],
    ['', 'invalid'],
    ['[::1', 'invalid'],
    [`${'a'.repeat(64)}.app.example.com`, 'invalid'],
  ])('%s: %s', async (value, expected) => {
    expect(await read(source, '/', host(value))).toBe(expected);
  });

  test('a request without a host, twice the host, and HTTP/2', async () => {
    expect(await read(source, '/')).toBe('absent');
    expect(await read(source, '/', host('a.app.example.com'), host('b.app.example.com'))).toBe('invalid');
    expect(await read(source, '/', [':authority', 'a.app.example.com'])).toBe('a');
    expect(await read(source, '/', [':authority', 'a.app.example.com'], host('b.app.example.com'))).toBe(
      'invalid',
    );
  });

  test('X-Forwarded-Host counts only where it is trusted', async () => {
    const forwarded = ['X-Forwarded-Host', 'b.app.example.com'] as const;
    const trusting = subdomain({ of: 'app.example.com', trustForwardedHost: true });
    expect(await read(source, '/', host('a.app.example.com'), forwarded)).toBe('a');
    expect(await read(trusting, '/', host('a.app.example.com'), forwarded)).toBe('b');
    expect(await read(trusting, '/', host('a.app.example.com'))).toBe('a');
    expect(await read(trusting, '/', host('a.app.example.com'), forwarded, forwarded)).toBe('invalid');
    expect(
      await read(trusting, '/', host('x'), ['X-Forwarded-Host', 'a.app.example.com, b.app.example.com']),
    ).toBe('invalid');
  });

  test('what is found is always the label before the own domain', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary-ascii', maxLength: 40 }), async (label) => {
        const found = await read(source, '/', host(`${label}.app.example.com`));
        if (found !== 'absent' && found !== 'invalid') expect(found).toBe(label.toLowerCase());
      }),
    );
  });
});

describe('custom domain', () => {
  const source = customDomain({ except: ['example.com', 'bücher.example'] });

  test.each([
    ['App.Customer.Test.:443', 'domain:app.customer.test'],
    ['xn--mller-kva.test', 'domain:xn--mller-kva.test'],
    ['example.com', 'absent'],
    ['acme.app.example.com', 'absent'],
    ['www.xn--bcher-kva.example', 'absent'],
    ['localhost:3000', 'absent'],
    ['10.20.30.40', 'absent'],
    ['[2001:db8::1]:80', 'absent'],
    ['_dmarc.customer.test', 'invalid'],
    ['m\u00fcller.test', 'invalid'],
    ['customer.test\u0000.example.com', 'invalid'],
  ])('%s: %s', async (value, expected) => {
    expect(await read(source, '/', host(value))).toBe(expected);
  });
});

test('a host is normal after it was made so', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.string({ maxLength: 30 })), (text) => {
      const once = normalHost(text);
      if (once !== undefined && once !== '') expect(normalHost(once)).toBe(once);
    }),
  );
});

test.each([
  ['/t/acme/notes', 'acme'],
  ['/t/acme', 'acme'],
  ['/t/acme?x=/t/other', 'acme'],
  ['/T/acme', 'acme'],
  ['/%74/acme', 'acme'],
  ['/t/%61cme', 'acme'],
  ['http://other.test/t/acme/x', 'acme'],
  ['/t/t_abcdefghijkl/x', 't_abcdefghijkl'],
  ['/', 'absent'],
  ['/notes/t/acme', 'absent'],
  ['/tt/acme', 'absent'],
  ['/t', 'invalid'],
  ['/t/', 'invalid'],
  ['/t//acme', 'invalid'],
  ['/t/../u/acme', 'invalid'],
  ['/t/Acme', 'invalid'],
  ['/t/acme%2Fother', 'invalid'],
  ['/t/acme%00', 'invalid'],
  ['/t/%zz', 'invalid'],
  ['/t/x";drop/notes', 'invalid'],
])('path %s: %s', async (url, expected) => {
  expect(await read(path('/t'), url)).toBe(expected);
});

test.each([
  ['acme', 'acme'],
  ['t_abcdefghijkl', 't_abcdefghijkl'],
  ['t_ABCDEFGHIJKL', 'invalid'],
  ['Acme', 'invalid'],
  ['acme, other', 'invalid'],
  ['domain:app.customer.test', 'invalid'],
  ['public", tenant_b; --', 'invalid'],
  ['x,tenant_b', 'invalid'],
  ['', 'invalid'],
])('header %s: %s', async (value, expected) => {
  expect(await read(header('X-Tenant'), '/', ['x-tenant', value])).toBe(expected);
});

test('a header that is sent twice, or not at all', async () => {
  expect(await read(header(), '/', ['X-Tenant', 'a'], ['x-tenant', 'a'])).toBe('invalid');
  expect(await read(header(), '/')).toBe('absent');
});

describe('API key', () => {
  const key = 'acme_s3cret';
  const lookup = ({ sha256 }: { readonly sha256: string }) =>
    sha256 === createHash('sha256').update(key).digest('hex') ? { tenant: 'acme' } : undefined;

  test.each([
    [apiKey({ lookup }), ['x-api-key', key], 'acme'],
    [apiKey({ lookup }), ['x-api-key', 'other'], 'invalid'],
    [apiKey({ lookup }), ['x-api-key', ''], 'invalid'],
    [apiKey({ lookup, prefix: 'acme_' }), ['x-api-key', 'other'], 'invalid'],
    [apiKey({ lookup }), ['authorization', `Bearer ${key}`], 'absent'],
    [
      apiKey({ lookup, header: 'Authorization', prefix: 'acme_' }),
      ['authorization', `bearer ${key}`],
      'acme',
    ],
    [
      apiKey({ lookup, header: 'authorization', prefix: 'acme_' }),
      ['authorization', 'Bearer acme_x'],
      'invalid',
    ],
    [
      apiKey({ lookup, header: 'authorization', prefix: 'acme_' }),
      ['authorization', 'Bearer eyJ.a.b'],
      'absent',
    ],
    [apiKey({ lookup, header: 'authorization', prefix: 'acme_' }), ['authorization', 'Basic xyz'], 'absent'],
    [apiKey({ lookup, header: 'authorization', prefix: 'acme_' }), ['authorization', 'Bearer'], 'invalid'],
    [apiKey({ lookup, header: 'authorization', prefix: 'acme_' }), ['authorization', ''], 'invalid'],
    [
      apiKey({ lookup, header: 'authorization', prefix: 'acme_' }),
      ['authorization', `Bearer\t${key}`],
      'acme',
    ],
    [apiKey({ lookup: () => ({ tenant: 'No Tenant' }) }), ['x-api-key', key], 'invalid'],
  ] as const)('%#', async (source, given, expected) => {
    expect(await read(source, '/', given)).toBe(expected);
  });

  test('in authorization it needs a prefix', () => {
    expect(() => apiKey({ header: 'Authorization', lookup })).toThrow(
      expect.objectContaining({ code: 'TENANCY_OPTION' }) as Error,
    );
  });
});

test('a Fetch request gives the same: headers that were sent twice are invalid, the host is in the address', async () => {
  const headers = new Headers([
    ['x-tenant', 'a'],
    ['x-tenant', 'b'],
  ]);
  const request = fetchRequest(new Request('http://acme.app.example.com:3000/t/acme?x#y', { headers }));
  expect(header().read(request)).toMatchObject({ kind: 'invalid' });
  expect(path('/t').read(request)).toMatchObject({ ref: 'acme' });
  expect(subdomain({ of: 'app.example.com' }).read(request)).toMatchObject({ ref: 'acme' });
});

test.each([
  () => path('t'),
  () => path('/'),
  () => subdomain({ of: 'no domain' }),
  () => customDomain({ except: '' }),
])('an option that cannot be is refused: %s', (make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'TENANCY_OPTION' }) as Error);
});
