import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../src/resolve/index.ts';
import { jwtClaim, type JwtClaimOptions } from '../../src/resolve/jwt.ts';
import { requestOf } from './requests.ts';

let server: Server;
let url: string;
let keys: Readonly<Record<'rs' | 'es' | 'stranger', CryptoKey>>;
let isUp = true;

beforeAll(async () => {
  const [rs, es, stranger] = await Promise.all([
    generateKeyPair('RS256'),
    generateKeyPair('ES256'),
    generateKeyPair('RS256'),
  ]);
  keys = { rs: rs.privateKey, es: es.privateKey, stranger: stranger.privateKey };
  const jwks = {
    keys: [
      { ...(await exportJWK(rs.publicKey)), kid: 'rs' },
      { ...(await exportJWK(es.publicKey)), kid: 'es' },
    ],
  };
  server = createServer((_request, response) => {
    response.writeHead(isUp ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
});
afterAll(() => void server.close());

const good = { iss: 'https://login.test', aud: 'api', tenant: 'acme', sub: 'u1' };

async function token(
  change: JWTPayload = {},
  header: object = {},
  key: CryptoKey = keys.rs,
): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 60;
  return new SignJWT({ ...good, exp, ...change })
    .setProtectedHeader({ alg: 'RS256', kid: 'rs', ...header })
    .sign(key);
}

function read(bearer: string, options: Partial<JwtClaimOptions> = {}): Promise<Finding> {
  const source = jwtClaim({
    jwks: url,
    issuer: good.iss,
    audience: good.aud,
    algorithms: ['RS256'],
    ...options,
  });
  return Promise.resolve(source.read(requestOf('/', ['Authorization', bearer])));
}

test('a good token names its tenant, and its claims are the proof', async () => {
  expect(await read(`Bearer ${await token()}`)).toMatchObject({
    kind: 'found',
    ref: 'acme',
    proof: { sub: 'u1' },
  });
});

test('the claim may have another name, and be in another place', async () => {
  const named = { tenant: undefined, 'https://app.test/org': 't_abcdefghijkl', app: { org: 'acme' } };
  const bearer = `Bearer ${await token(named)}`;
  expect(await read(bearer, { claim: 'https://app.test/org' })).toMatchObject({ ref: 't_abcdefghijkl' });
  expect(await read(bearer, { claim: (claims) => (claims['app'] as { org: string }).org })).toMatchObject({
    ref: 'acme',
  });
  expect(await read('x', { token: () => bearer.slice(7), claim: 'https://app.test/org' })).toMatchObject({
    kind: 'found',
  });
});

test.each<[string, () => Promise<string> | string]>([
  ['expired', () => token({ exp: Math.floor(Date.now() / 1000) - 60 })],
  ['without an expiry', () => token({ exp: undefined })],
  ['not valid yet', () => token({ nbf: Math.floor(Date.now() / 1000) + 600 })],
  ['of another issuer', () => token({ iss: 'https://evil.test' })],
  ['without an issuer', () => token({ iss: undefined })],
  ['for somebody else', () => token({ aud: 'other' })],
  ['for nobody', () => token({ aud: undefined })],
  ['signed by a stranger', () => token({}, {}, keys.stranger)],
  ['with a key that is not known', () => token({}, { kid: 'other' })],
  ['with an algorithm that is not pinned', () => token({}, { alg: 'ES256', kid: 'es' }, keys.es)],
  ['unsigned', () => new UnsecuredJWT({ ...good }).setExpirationTime('1m').encode()],
  [
    'signed with the public key as a secret',
    async () => {
      const jwks = await (await fetch(url)).text();
      return new SignJWT({ ...good })
        .setExpirationTime('1m')
        .setProtectedHeader({ alg: 'HS256', kid: 'rs' })
        .sign(Buffer.from(jwks));
    },
  ],
  [
    'changed',
    async () => {
      const [head, , signature] = (await token()).split('.');
      const payload = Buffer.from(JSON.stringify({ ...good, tenant: 'other', exp: 4e9 })).toString(
        'base64url',
      );
      return [head, payload, signature].join('.');
    },
  ],
  ['no token at all', () => 'x.y.z'],
  ['empty', () => ''],
  ['naming no tenant', () => token({ tenant: undefined })],
  ['naming something that is no tenant', () => token({ tenant: 'public; --' })],
  ['naming two', () => token({ tenant: ['acme', 'other'] })],
])('a token that is %s is invalid, with 401', async (_name, make) => {
  expect(await read(`Bearer ${await make()}`)).toMatchObject({ kind: 'invalid', status: 401 });
});

test.each(['Bearer', 'bearer ', 'Bearer\tx.y.z', '', ' '])(
  'a header that is there and holds no token, %j, is invalid and not passed over',
  async (value) => {
    expect(await read(value)).toMatchObject({ kind: 'invalid', status: 401 });
  },
);

test('other schemes, and tokens that are another source’s, are absent', async () => {
  expect(await read('Basic dTpw')).toMatchObject({ kind: 'absent' });
  expect(await read('Bearer acme_key', { exceptPrefix: 'acme_' })).toMatchObject({ kind: 'absent' });
});

test('where the claim is optional a token without it is only a proof', async () => {
  const bearer = `Bearer ${await token({ tenant: undefined })}`;
  expect(await read(bearer, { optional: true })).toMatchObject({ kind: 'absent', proof: { sub: 'u1' } });
});

test('a key server that is down is no fault of the token', async () => {
  isUp = false;
  try {
    await expect(read(`Bearer ${await token()}`)).rejects.toThrow();
    await expect(read(`Bearer ${await token()}`, { jwks: 'http://127.0.0.1:1/jwks' })).rejects.toThrow();
  } finally {
    isUp = true;
  }
});

test.each(['issuer', 'audience', 'algorithms'])('%s is needed', (name) => {
  expect(() =>
    jwtClaim({ jwks: url, issuer: 'i', audience: 'a', algorithms: ['RS256'], [name]: [] }),
  ).toThrow(expect.objectContaining({ code: 'TENANCY_OPTION' }) as Error);
});
