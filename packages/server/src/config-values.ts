import { homedir } from 'node:os';
import { join } from 'node:path';
import { peopleRoles, type PeopleRole } from '@tenantry/contract';
import { ConfigError } from './errors.ts';

/** Values of options as they are written; each throws ConfigError, whose message says what there should be. */
export const text = (value: string) => value;
export const list = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export function integer(name: string, minimum: number, maximum: number) {
  return (value: string) => {
    const number = Number(value);
    if (!/^\d{1,9}$/.test(value.trim()) || number < minimum || number > maximum) {
      throw new ConfigError(`${name} must be a whole number from ${minimum} to ${maximum}, not "${value}".`);
    }
    return number;
  };
}

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `90s`, `15m`, `12h`, `7d` or `0s` as seconds. */
export function duration(name: string, least = 0) {
  return (value: string) => {
    const match = /^(\d{1,6})([smhd])$/.exec(value.trim());
    if (!match) throw new ConfigError(`${name} must be a duration as 90s, 15m, 12h or 7d, not "${value}".`);
    const seconds = Number(match[1]) * units[match[2] as keyof typeof units];
    if (seconds < least) throw new ConfigError(`${name} must be at least ${least}s, not "${value}".`);
    return seconds;
  };
}

/** Only what CloudWatch takes: refused at the start, and not at every minute afterwards. */
export function cloudWatchName(name: string, pattern: RegExp) {
  return (value: string) => {
    if (pattern.test(value)) return value;
    throw new ConfigError(
      `${name} must be letters, digits and . _ - / # : of at most 255 characters, not "${value}".`,
    );
  };
}

export function placeholders(value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list(value).map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) {
        throw new ConfigError(
          `TENANTRY_PLACEHOLDERS must be key=value pairs with commas, but has "${pair}".`,
        );
      }
      return [pair.slice(0, at).trim(), pair.slice(at + 1)];
    }),
  );
}

export function oneOf<const T extends readonly string[]>(name: string, values: T) {
  return (value: string): T[number] => {
    if (!values.includes(value)) {
      throw new ConfigError(`${name} must be one of ${values.join(', ')}, not "${value}".`);
    }
    return value;
  };
}

/** Where a browser reaches the control plane; without a slash at the end. */
export function publicUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw new ConfigError(
      `TENANTRY_PUBLIC_URL must be an address as https://ops.example.com/tenantry, not "${value}".`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

export function issuer(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const loopback = url !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))) {
    throw new ConfigError(`TENANTRY_OIDC_ISSUER must be an https address, not "${value}".`);
  }
  return value;
}

/** What a value of the role claim makes of a person. */
export interface RoleMapping {
  readonly value: string;
  readonly role: PeopleRole;
  /** Id or slug, for the role tenant; undefined where a claim names it. */
  readonly tenant: string | undefined;
}

/** `platform-admins=admin,security=auditor,acme-admins=tenant:acme`; the first that matches counts. */
export function roleMap(pairs: string): readonly RoleMapping[] {
  return list(pairs).map((pair) => {
    const at = pair.lastIndexOf('=');
    const [role = '', tenant] = at < 1 ? [] : pair.slice(at + 1).split(':');
    const known = (peopleRoles as readonly string[]).includes(role);
    if (!known || (tenant !== undefined && (role !== 'tenant' || tenant === ''))) {
      throw new ConfigError(
        `TENANTRY_OIDC_ROLE_MAP must be pairs as group=role or group=tenant:slug with commas, the role one of ` +
          `${peopleRoles.join(', ')}; but it has "${pair}".`,
      );
    }
    return { value: pair.slice(0, at), role: role as PeopleRole, tenant };
  });
}

/** root has its home closed to the account that PostgreSQL runs under, so its state goes where services keep theirs. */
export function defaultHome(): string {
  return process.getuid?.() === 0 ? '/var/lib/tenantry' : join(homedir(), '.tenantry');
}
