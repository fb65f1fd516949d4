import { ConfigError } from './error.ts';

/** A server that a URL names; a host that begins with `/` is the directory of a socket. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/** What a database URL says. */
export interface DatabaseUrl {
  /** None: the URL leaves it to PGHOST. */
  readonly servers: readonly Server[];
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The query, by the driver's own names: `sslmode`, `currentSchema`, `ApplicationName` … */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Reads `jdbc:postgresql:` and `postgres:` URLs, with several hosts, too.
 *
 * @throws ConfigError CONFIG_URL_INVALID; its message never holds the URL, which may hold a password
 * @example
 * ```ts
 * parseUrl('jdbc:postgresql://db:5433/shop?user=app&sslmode=require');
 * // { servers: [{ host: 'db', port: 5433 }], database: 'shop', user: 'app', options: { sslmode: 'require' }, … }
 * ```
 */
export function parseUrl(url: string): DatabaseUrl {
  const jdbc = /^jdbc:/i.test(url);
  const rest = url.replace(/^jdbc:(?:p6spy:|otel:|aws-wrapper:)?/i, '');
  const [, scheme = '', path = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(rest) ?? [];
  if (!/^(?:postgres|postgresql)$/i.test(scheme)) {
    throw invalid(
      scheme === '' ? 'The URL names no kind of database.' : `"${scheme}" is not a PostgreSQL URL.`,
    );
  }
  const [before, query] = cutAt(path, '?');
  const { user: queryUser, password: queryPassword, host, port, dbname, ...options } = parseQuery(query);
  const { authority, database } = splitPath(before);
  // Most likely what stands before it is a part of a password, and the name of the database is shown.
  if (database.includes('@'))
    throw invalid(
      'The URL has an @ behind its first / or before its //. Write postgres://user:password@host:port/database, and a / or @ of the password as %2F or %40.',
    );
  const [userInfo, hosts] = jdbc ? [undefined, authority] : cutLast(authority, '@');
  const [user, password] = userInfo === undefined ? [] : splitUser(userInfo);
  return {
    servers:
      host === undefined ? parseHosts(jdbc && hosts === '' ? 'localhost' : hosts) : [server(host, port)],
    database: dbname ?? (database === '' ? undefined : decode(database)),
    user: queryUser ?? user,
    password: queryPassword ?? password,
    options,
  };
}

/** A URL as it may be shown: without password and query. */
export function redactUrl({ servers, database, user }: DatabaseUrl): string {
  const hosts = servers
    .map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
    .join(',');
  return `postgres://${user === undefined ? '' : `${user}@`}${hosts}/${database ?? ''}`;
}

function splitPath(before: string): { authority: string; database: string } {
  // `jdbc:postgresql:shop` is a database of this machine.
  if (!before.startsWith('//')) return { authority: '', database: before.replace(/^\//, '') };
  const [authority, database = ''] = cutAt(before.slice(2), '/');
  return { authority, database };
}

function parseQuery(query: string | undefined): Readonly<Record<string, string>> {
  const pairs = (query ?? '').split('&').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair): [string, string] => {
      const [name, value = ''] = cutAt(pair, '=');
      // The JDBC driver reads a plus as a blank, libpq as a plus: nobody writes a blank in an option's value by a plus.
      return [decode(name), decode(value)];
    }),
  );
}

function parseHosts(hosts: string): readonly Server[] {
  return hosts
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, v6, name, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(.*))?$/s.exec(part) ?? [];
      const host = v6 ?? name;
      if (host === undefined)
        throw invalid('A host of the URL cannot be read; an IPv6 address needs brackets.');
      return server(host === '' ? 'localhost' : decode(host), port);
    });
}

function server(host: string, port: string | undefined): Server {
  const number = port === undefined || port === '' ? 5432 : Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw invalid('The port of the URL is not a number from 1 to 65535.');
  }
  return { host, port: number };
}

function splitUser(info: string): readonly [string | undefined, string | undefined] {
  const [user, password] = cutAt(info, ':');
  return [user === '' ? undefined : decode(user), password === undefined ? undefined : decode(password)];
}

function cutAt(text: string, mark: string): readonly [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function cutLast(text: string, mark: string): readonly [string | undefined, string] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('The URL has a % that is not followed by two hexadecimal digits; write %25 for it.');
  }
}

function invalid(message: string): ConfigError {
  const hint = 'Write jdbc:postgresql://host:5432/database or postgres://user@host:5432/database.';
  return new ConfigError({ code: 'CONFIG_URL_INVALID', message, hint });
}
