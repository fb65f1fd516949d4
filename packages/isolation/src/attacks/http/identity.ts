import { createHmac } from 'node:crypto';
import type { HttpAttack, HttpScene } from './attack.ts';
import { withHeader, withHeaders, withoutHeaders } from './calls.ts';
import type { HttpCall } from './spec.ts';

const credentials = [
  'authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-access-token',
  'proxy-authorization',
];

/** Headers of the caller that say who it is: a login of any form, and what else tells it from the other. */
function tellingOf({ caller, telling }: HttpScene): readonly string[] {
  const own = Object.keys(caller.headers).map((name) => name.toLowerCase());
  return [...new Set([...own.filter((name) => credentials.includes(name)), ...telling])];
}

/** The caller's request with every secret of it changed in the same way. */
function changed(
  scene: HttpScene,
  change: (secret: string, victims: string) => string | undefined,
): readonly HttpCall[] {
  const { own, victim } = scene;
  const victims = Object.fromEntries(
    Object.entries(victim.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return tellingOf(scene).flatMap((name) => {
    const value = own.headers.find(([header]) => header === name)?.[1];
    if (value === undefined || !isSecret(value, name)) return [];
    const made = change(value, victims[name] ?? '');
    return made === undefined || made === value || made === victims[name]
      ? []
      : [withHeader(own, name, made)];
  });
}

/** A name of a tenant is no credential: to send another's is the attack of another kind. */
function isSecret(value: string, name: string): boolean {
  return credentials.includes(name) || value.length >= 16;
}

const jwt = /([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/;
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** With the victim's claims in the place of its own, as far as they can be read. */
function forged(
  scene: HttpScene,
  header: Readonly<Record<string, unknown>>,
  sign: (head: string) => string,
): readonly HttpCall[] {
  return changed(scene, (own, victims) => {
    const [theirs, mine] = [jwt.exec(victims), jwt.exec(own)];
    if (theirs === null || mine === null) return undefined;
    const head = `${encode({ ...header, typ: 'JWT', cty: 'JWT' })}.${theirs[2]!}`;
    return own.replace(jwt, `${head}.${sign(head)}`);
  });
}

const hmac = (key: string) => (head: string) => createHmac('sha256', key).update(head).digest('base64url');

/** Who is asking. */
export const identityAttacks: readonly HttpAttack[] = [
  {
    id: 'http.no-credential',
    title: 'without any credential',
    of: 'nobody',
    calls: (scene) => [withoutHeaders(scene.own, tellingOf(scene))],
  },
  {
    id: 'http.empty-credential',
    title: 'with an empty credential, or a word for nothing',
    of: 'nobody',
    calls: (scene) =>
      ['', 'Bearer', 'Bearer null', 'Basic Og==', 'undefined'].flatMap((value) =>
        tellingOf(scene)
          .filter((name) => name !== 'host')
          .map((name) => withHeader(scene.own, name, value)),
      ),
  },
  {
    id: 'http.refused-credential',
    title: 'with a credential that has expired, was revoked, or is for something else',
    of: 'nobody',
    calls: (scene) =>
      Object.values(scene.spec.refused ?? {}).map((headers) =>
        withHeaders(withoutHeaders(scene.own, tellingOf(scene)), headers),
      ),
  },
  {
    id: 'http.cut-credential',
    title: 'with a part of its own credential',
    of: 'nobody',
    calls: (scene) => [
      ...changed(scene, (own) => own.slice(0, -1)),
      ...changed(scene, (own) => own.slice(0, Math.ceil(own.length / 2))),
      ...changed(scene, (own) => `${own}x`),
      // The last letter of a base64url text has bits that mean nothing: another letter has to differ in the first ones.
      ...changed(scene, (own) => own.slice(0, -1) + (own.endsWith('A') ? 'Q' : 'A')),
    ],
  },
  {
    id: 'http.mixed-credential',
    title: "with the first half of the victim's credential and the second of its own",
    of: 'foreign',
    calls: (scene) => [
      ...changed(scene, (own, victims) => mixed(victims, own)),
      ...changed(scene, (own, victims) => mixed(own, victims)),
    ],
  },
  {
    id: 'http.guessed-credential',
    title: "with the victim's name in the place of its own credential",
    of: 'foreign',
    calls: (scene) =>
      scene.victim.ids.flatMap((id) => [
        ...changed(scene, () => `Bearer ${id}`),
        ...changed(scene, () => `Basic ${Buffer.from(`${id}:`).toString('base64')}`),
        ...changed(scene, () => `Basic ${Buffer.from(`${id}:${id}`).toString('base64')}`),
      ]),
  },
  {
    id: 'http.sql-credential',
    title: 'with SQL in the place of a credential',
    of: 'foreign',
    calls: (scene) =>
      [`' OR '1'='1`, `x' OR 1=1 --`, `' UNION SELECT 1 --`].flatMap((text) =>
        changed(scene, () => `Bearer ${text}`).concat(changed(scene, () => text)),
      ),
  },
  {
    id: 'http.jwt-none',
    title: "an unsigned JWT with the victim's claims",
    of: 'foreign',
    calls: (scene) => ['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => forged(scene, { alg }, () => '')),
  },
  {
    id: 'http.jwt-stripped',
    title: "the victim's claims under the signature of its own token",
    of: 'foreign',
    calls: (scene) => [
      ...changed(scene, (own, victims) => {
        const [theirs, mine] = [jwt.exec(victims), jwt.exec(own)];
        return theirs === null || mine === null
          ? undefined
          : own.replace(jwt, `${theirs[1]!}.${theirs[2]!}.${mine[3]!}`);
      }),
      ...changed(scene, (own, victims) => {
        const theirs = jwt.exec(victims);
        return theirs === null ? undefined : own.replace(jwt, `${theirs[1]!}.${theirs[2]!}.`);
      }),
    ],
  },
  {
    id: 'http.jwt-weak-key',
    title: 'a JWT with the victim’s claims, signed with a key that anybody knows',
    of: 'foreign',
    calls: (scene) => [
      ...['', 'secret', 'changeme', 'key', 'password', 'jwt'].flatMap((key) =>
        forged(scene, { alg: 'HS256' }, hmac(key)),
      ),
      ...forged(scene, { alg: 'HS256', kid: '../../../../dev/null' }, hmac('')),
      ...forged(scene, { alg: 'HS256', kid: `x' UNION SELECT '' --` }, hmac('')),
    ],
  },
  {
    id: 'http.other-scheme',
    title: 'its own credential under another scheme, or in another header',
    of: 'foreign',
    readsOnly: true,
    calls: (scene) =>
      changed(scene, (own) => own.replace(/^Bearer /i, 'Token ')).concat(
        changed(scene, (own) => own.replace(/^Bearer /i, 'bearer  ')),
      ),
  },
];

/** Cut where the last part of both begins. */
function mixed(first: string, second: string): string | undefined {
  const [a, b] = [first, second].map((text) =>
    Math.max(...['.', '_', ':', '-'].map((at) => text.lastIndexOf(at))),
  );
  return a! < 0 || b! < 0 ? undefined : first.slice(0, a! + 1) + second.slice(b! + 1);
}
