import pgConnectionString from 'pg-connection-string';
import type { CellAddress } from '@tenantry/tenancy';
import { TenantryError } from '../../errors.ts';

/** A cell's address and the login of the control role, without its password. */
export interface ParsedUrl {
  readonly address: CellAddress;
  readonly login: string;
  /** host:port/database, for people. */
  readonly label: string;
}

/** Throws CELL_LOGIN_REFUSED's sibling VALIDATION when the text is no PostgreSQL URL. Never repeats the text: it holds a password. */
export function parseCellUrl(url: string): ParsedUrl {
  const parsed = parse(url);
  const host = parsed.host || 'localhost';
  const port = Number(parsed.port || 5432);
  if (!parsed.database || !parsed.user) throw invalid();
  const ssl = parsed.ssl === undefined ? {} : { ssl: parsed.ssl as CellAddress['ssl'] };
  return {
    address: { host, port, database: parsed.database, ...ssl },
    login: parsed.user,
    label: `${host}:${port}/${parsed.database}`,
  };
}

function parse(url: string) {
  if (!/^postgres(ql)?:\/\//.test(url)) throw invalid();
  try {
    return pgConnectionString.parse(url);
  } catch {
    throw invalid();
  }
}

function invalid(): TenantryError {
  return new TenantryError(
    'VALIDATION',
    'The connection string must look like postgresql://login:password@host:5432/database.',
  );
}
