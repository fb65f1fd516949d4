import type { HttpAttack, HttpScene } from './attack.ts';
import { callOf, withHeader, withHeaders, withMethod, withQuery } from './calls.ts';
import type { HttpCall } from './spec.ts';

type Write = (theirs: string, own: string) => string;

const percent = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** The victim's id in the path, written in some way; its own is known to whoever writes both. */
function inPath({ route, caller, victim, word }: HttpScene, writes: readonly Write[]): readonly HttpCall[] {
  if (route.params.length === 0) return [];
  const own = caller.params?.[route.params[0]!] ?? caller.ids[0]!;
  return writes.map((write) => callOf(route, caller, word, victim, (theirs) => write(theirs, own)));
}

/** Something in the place of its own id. */
function instead({ route, caller, word }: HttpScene, texts: readonly string[]): readonly HttpCall[] {
  return route.params.length === 0
    ? []
    : texts.map((text) => callOf(route, caller, word, caller, () => text));
}

/** Ids of the victim, and what looks like them. */
export const idAttacks: readonly HttpAttack[] = [
  {
    id: 'http.foreign-id',
    title: 'the victim’s id in the path',
    of: 'foreign',
    calls: (scene) => inPath(scene, [encodeURIComponent]),
  },
  {
    id: 'http.foreign-id-written',
    title: 'the victim’s id in the path, in another case or encoding',
    of: 'foreign',
    calls: (scene) =>
      inPath(scene, [
        (id) => id.toUpperCase(),
        (id) => percent(id),
        (id) => percent(percent(id)),
        (id) => `${id}%00`,
        (id) => `${id}%20`,
        (id) => `%20${id}`,
        (id) => `${id}%0a`,
        (id) => `${id}.`,
        (id) => `${id}/`,
        (id) => `${id}.json`,
        (id) => `${id};x=1`,
        (id) => `0${id}`,
        (id) => `%2b${id}`,
        (id) => `${id}.0`,
        (id) => `%ef%bb%bf${id}`,
        (id) =>
          encodeURIComponent(
            Array.from(id, (char) =>
              /[!-~]/.test(char) ? String.fromCodePoint(char.codePointAt(0)! + 0xfee0) : char,
            ).join(''),
          ),
        (id) => id.replace(/[a-z]/, (char) => (char === 'k' ? '%E2%84%AA' : `${char}%CC%81`)),
      ]),
  },
  {
    id: 'http.foreign-id-behind',
    title: 'the victim’s id behind its own',
    of: 'foreign',
    calls: (scene) =>
      inPath(scene, [
        (id, own) => `${own},${id}`,
        (id, own) => `${own}%2c${id}`,
        (id, own) => `${own}/../${id}`,
        (id, own) => `${own}%2f..%2f${id}`,
        (id, own) => `${own}/%2e%2e/${id}`,
        (id, own) => `${own}%5c..%5c${id}`,
        (id, own) => `${own};/../${id}`,
        (id, own) => `${own}%23${id}`,
        (id, own) => `${own}%3f/${id}`,
        (id, own) => `${own}/${id}`,
      ]),
  },
  {
    id: 'http.foreign-id-and-header',
    title: 'the victim’s id in the path and its name in headers',
    of: 'foreign',
    calls: (scene) =>
      inPath(scene, [encodeURIComponent]).map((call) =>
        withHeaders(
          call,
          Object.fromEntries(
            ['x-tenant', 'x-tenant-id', 'x-forwarded-user', 'x-user-id']
              .filter((name) => !scene.telling.includes(name))
              .map((name) => [name, scene.victim.ids[0]!]),
          ),
        ),
      ),
  },
  {
    id: 'http.any-id',
    title: 'what stands for any id',
    of: 'foreign',
    readsOnly: true,
    calls: (scene) =>
      instead(scene, [
        '*',
        '%25',
        '_',
        '0',
        '-1',
        'null',
        'undefined',
        'true',
        'all',
        'me',
        '%7B%22%24ne%22%3Anull%7D',
        '%5B%5D',
        '9223372036854775808',
        'NaN',
        '1e3',
        '%00',
        '.',
        '%2e%2e',
      ]),
  },
  {
    id: 'http.sql-id',
    title: 'SQL in the place of an id',
    of: 'foreign',
    readsOnly: true,
    calls: (scene) =>
      instead(
        scene,
        [
          `0' OR '1'='1`,
          `0) OR 1=1 --`,
          `0 OR 1=1`,
          `0' UNION SELECT NULL --`,
          `0; SELECT 1 --`,
          `\\' OR 1=1 --`,
          `0'::text || '`,
        ].map(encodeURIComponent),
      ),
  },
  {
    id: 'http.sql-query',
    title: 'SQL in the parameters of a list',
    of: 'foreign',
    readsOnly: true,
    calls: ({ own }) =>
      ['q', 'search', 'sort', 'order', 'orderBy', 'filter', 'fields', 'limit', 'cursor'].flatMap((name) =>
        [`x' OR '1'='1`, `id) UNION SELECT query_to_xml('select 1',true,true,'')::text --`, `1;SELECT 1`].map(
          (text) => withQuery(own, `${name}=${encodeURIComponent(text)}`),
        ),
      ),
  },
  {
    id: 'http.expanded',
    title: 'more of an answer than there is to see',
    of: 'foreign',
    readsOnly: true,
    calls: ({ own, victim }) => [
      withQuery(own, 'include=*&expand=all&embed=*&with=tenant,owner,organization&fields=*'),
      withQuery(
        own,
        'limit=100000&per_page=100000&pageSize=100000&offset=0&all=true&scope=all&global=1&admin=true',
      ),
      withQuery(own, `limit=-1&offset=-1&page=-1&tenant[]=${victim.ids[0]!}`),
      withQuery(own, 'debug=true&trace=1&_debug=1&explain=1&raw=1&format=debug'),
    ],
  },
  {
    id: 'http.method-override',
    title: 'another method than it says, for the victim’s id',
    of: 'foreign',
    calls: (scene) => {
      const foreign = callOf(scene.route, scene.caller, scene.word, scene.victim);
      const posted = withMethod(foreign, 'POST');
      const methods = ['GET', 'DELETE', 'PUT', 'PATCH'];
      const headers = ['x-http-method-override', 'x-http-method', 'x-method-override'];
      return methods.flatMap((method) =>
        headers
          .map((name) => withHeader(posted, name, method))
          .concat(withQuery(posted, `_method=${method}`)),
      );
    },
  },
  {
    id: 'http.other-method',
    title: 'HEAD, OPTIONS and TRACE for the victim’s id',
    of: 'foreign',
    calls: (scene) => {
      const { body: _, ...foreign } = callOf(scene.route, scene.caller, scene.word, scene.victim);
      return ['HEAD', 'OPTIONS', 'TRACE'].map((method) => withMethod(foreign, method));
    },
  },
  {
    id: 'http.broken-request',
    title: 'what cannot be read, so that an error tells more than it may',
    of: 'foreign',
    calls: (scene) => [
      ...instead(scene, ['%zz', '%ff%fe', 'a'.repeat(4_000), '%F0%9F%92%A5']),
      withQuery(scene.own, '%zz=%ff&&&=[]'),
      withHeader(scene.own, 'accept', 'text/html;q=1, application/xml'),
      withHeader(scene.own, 'accept-language', '../../etc/passwd'),
      ...(scene.own.body === undefined
        ? []
        : [
            { ...scene.own, body: '{"broken":' },
            { ...scene.own, body: `[${'['.repeat(2_000)}` },
          ]),
    ],
  },
];
