import type { Key } from './key.ts';
import { key, programKey } from './key.ts';
import { integer, list, optionalText, text, texts } from './value.ts';

/** What the sources say about the connection and about themselves. */
export interface ConnectionSettings {
  readonly url: string | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly passwordFile: string | null;
  /** How often a connection that is refused is tried again. */
  readonly connectRetries: number;
  /** Seconds: the longest pause between two tries. */
  readonly connectRetriesInterval: number;
  readonly jdbcProperties: Readonly<Record<string, string>>;
  readonly configFiles: readonly string[];
  readonly configFileEncoding: string;
}

export const defaultConnection: ConnectionSettings = {
  url: null,
  user: null,
  password: null,
  passwordFile: null,
  connectRetries: 0,
  connectRetriesInterval: 120,
  jdbcProperties: {},
  configFiles: [],
  configFileEncoding: 'UTF-8',
};

export const connectionKeys: { readonly [F in keyof ConnectionSettings]: Key<ConnectionSettings[F]> } = {
  url: key('url', optionalText, {
    scope: 'environment',
    meaning:
      'The database: `jdbc:postgresql://host:5432/database` or `postgres://user@host:5432/database`. Without one, the variables of libpq (PGHOST, PGPORT, PGDATABASE …) count',
    default: 'none',
  }),
  user: key('user', optionalText, {
    scope: 'environment',
    meaning: 'The login',
    default: "the URL's, PGUSER, or the name of the account",
  }),
  password: key('password', optionalText, {
    scope: 'environment',
    meaning:
      'Its password; not as a flag, because every user of a machine can read the arguments of a process',
    default: "the URL's, PGPASSWORD, or ~/.pgpass",
  }),
  passwordFile: programKey('passwordFile', optionalText, {
    meaning: 'A file whose first line is the password',
    default: 'none',
  }),
  connectRetries: key('connectRetries', integer(0), {
    scope: 'environment',
    meaning: 'How often to try again when no connection can be made; the pause doubles from 1 s',
    default: '0',
  }),
  connectRetriesInterval: key('connectRetriesInterval', integer(0), {
    scope: 'environment',
    meaning: 'The longest pause between two tries, in seconds',
    default: '120',
  }),
  jdbcProperties: key('jdbcProperties', texts, {
    scope: 'environment',
    meaning: "Options of the connection by the JDBC driver's names, as in the URL's query",
    default: 'none',
  }),
  configFiles: programKey('configFiles', list, {
    env: 'FLYWAY_CONFIG_FILES',
    meaning: 'Further configuration files; `-` is the standard input',
    default: 'none',
  }),
  configFileEncoding: programKey('configFileEncoding', text, {
    env: 'FLYWAY_CONFIG_FILE_ENCODING',
    meaning: 'Encoding of .conf files',
    default: 'UTF-8',
  }),
};
