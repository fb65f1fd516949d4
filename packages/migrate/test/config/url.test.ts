import { describe, expect, test } from 'vitest';
import { defaultConnection } from '../../src/config/connection-keys.ts';
import { ConfigError } from '../../src/config/error.ts';
import { connectionTarget } from '../../src/config/target.ts';
import { parseUrl, redactUrl } from '../../src/config/url.ts';

describe('URLs', () => {
  test.each([
    ['jdbc:postgresql://db:5433/shop', [['db', 5433]], 'shop', undefined, undefined],
    ['jdbc:postgresql://db/shop?user=a%40b&password=p%26q', [['db', 5432]], 'shop', 'a@b', 'p&q'],
    ['jdbc:postgresql:shop', [['localhost', 5432]], 'shop', undefined, undefined],
    ['jdbc:postgresql:/', [['localhost', 5432]], undefined, undefined, undefined],
    ['jdbc:postgresql:///shop', [['localhost', 5432]], 'shop', undefined, undefined],
    [
      'jdbc:postgresql://one,two:99/shop',
      [
        ['one', 5432],
        ['two', 99],
      ],
      'shop',
      undefined,
      undefined,
    ],
    ['jdbc:postgresql://[::1]:99/shop', [['::1', 99]], 'shop', undefined, undefined],
    ['jdbc:p6spy:postgresql://db/shop', [['db', 5432]], 'shop', undefined, undefined],
    ['postgres://app:p%3Aq@db/shop', [['db', 5432]], 'shop', 'app', 'p:q'],
    ['postgresql://app@db/my%20shop', [['db', 5432]], 'my shop', 'app', undefined],
    ['postgres:///shop', [], 'shop', undefined, undefined],
    [
      'postgres:///shop?host=/run/postgresql&port=99',
      [['/run/postgresql', 99]],
      'shop',
      undefined,
      undefined,
    ],
  ] as const)('%s', (url, servers, database, user, password) => {
    const parsed = parseUrl(url);
    expect(parsed.servers.map(({ host, port }) => [host, port])).toEqual(servers);
    expect([parsed.database, parsed.user, parsed.password]).toEqual([database, user, password]);
    expect(redactUrl(parsed)).not.toContain(password ?? 'nothing to find');
  });

  test.each([
    'jdbc:oracle:thin:@db:1521/x',
    'mysql://db/x',
    'db/x',
    '',
    'postgres://db:99999/x',
    'postgres://u:secret%zz@db/x',
    'postgres://u:secret@::1/x',
    // What a slip takes for the database.
    'postgres:u:secret@db/x',
    'postgres://u:p@Pw/secret@db/x',
    'jdbc:postgresql:secret@db',
  ])('%s is refused without being shown', (url) => {
    const error = thrown(() => parseUrl(url));
    expect([error.code, error.message.includes('secret')]).toEqual(['CONFIG_URL_INVALID', false]);
    expect(error.hint).toContain('jdbc:postgresql://host:5432/database');
  });
});

describe('what a connection is made of', () => {
  const target = (url: string | null, env: Record<string, string> = {}, more = {}) =>
    connectionTarget({ ...defaultConnection, url, ...more }, env);

  test('a setting wins over the URL, the URL over the variables of libpq', () => {
    const env = { PGUSER: 'env', PGPASSWORD: 'env', PGDATABASE: 'env', PGHOST: 'env', PGPORT: '7' };
    expect(target('postgres://url:url@url/url', env, { user: 'set', password: 'set' })).toMatchObject({
      user: 'set',
      password: 'set',
      database: 'url',
    });
    expect(target('postgres://url:url@url/url', env)).toMatchObject({ user: 'url', password: 'url' });
    expect(target('postgres:///', env)).toMatchObject({
      user: 'env',
      password: 'env',
      database: 'env',
      servers: [{ host: 'env', port: 7 }],
    });
    expect(target(null, env).servers).toEqual([{ host: 'env', port: 7 }]);
  });

  test('options by the names of the JDBC driver', () => {
    const url =
      'jdbc:postgresql://db/x?currentSchema=a b,c&ApplicationName=me&connectTimeout=3&options=-c%20work_mem=1MB&loginTimeout=9&nonsense=1';
    expect(target(url, {}, { jdbcProperties: { sslmode: 'require' } })).toMatchObject({
      options: '-c work_mem=1MB -c search_path=a\\ b,c',
      applicationName: 'me',
      connectTimeout: 3000,
      sslMode: 'require',
      unknown: ['nonsense'],
    });
  });

  test.each([
    ['', 'prefer'],
    ['?sslmode=verify-ca', 'verify-ca'],
    ['?ssl=true', 'verify-full'],
    ['?ssl=true&sslmode=require', 'require'],
    ['?ssl=false', 'prefer'],
  ])('TLS with %j is %s', (query, mode) => {
    expect(target(`jdbc:postgresql://db/x${query}`).sslMode).toBe(mode);
  });

  test('what cannot be', () => {
    expect(thrown(() => target('jdbc:postgresql://db/x?sslmode=yes')).code).toBe('CONFIG_VALUE_INVALID');
    const missing = thrown(() => target(null));
    expect([missing.code, missing.hint]).toEqual(['CONFIG_URL_MISSING', expect.stringContaining('--url')]);
  });
});

function thrown(work: () => unknown): ConfigError {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
