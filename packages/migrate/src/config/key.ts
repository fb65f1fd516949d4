import type { ValueType } from './value.ts';

/**
 * Where a key stands in files: `flyway` (`flyway.x`), `environment` (`flyway.x` in .conf, `[environments.<name>]` in
 * .toml), `tenantry` (`tenantry.x`, which Flyway ignores, so that a file stays good for both), `program` (flags only).
 */
export type KeyScope = 'flyway' | 'environment' | 'tenantry' | 'program';

/** One key of the configuration. */
export interface Key<T> {
  /** Flyway's name without `flyway.`, or ours without `tenantry.`. */
  readonly name: string;
  readonly scope: KeyScope;
  readonly type: ValueType<T>;
  /** Environment variable; null where only a flag or a file sets it. */
  readonly env: string | null;
  readonly meaning: string;
  /** In words, where it is not a setting's plain default. */
  readonly default: string | undefined;
  /** Flyway has it in its paid editions only; here it is simply there. */
  readonly paid: boolean;
  /** A second name on the command line. */
  readonly alias: string | undefined;
}

export type AnyKey = Key<unknown>;

interface KeyWords {
  readonly meaning: string;
  readonly scope?: KeyScope;
  readonly env?: string | null;
  readonly default?: string;
  readonly paid?: boolean;
  readonly alias?: string;
}

/** A key of Flyway's. Its variable is `FLYWAY_` and the name in upper case. */
export function key<T>(name: string, type: ValueType<T>, words: KeyWords): Key<T> {
  return {
    name,
    type,
    scope: words.scope ?? 'flyway',
    env: words.env === undefined ? `FLYWAY_${upperSnake(name)}` : words.env,
    meaning: words.meaning,
    default: words.default,
    paid: words.paid ?? false,
    alias: words.alias,
  };
}

/** A key that Flyway does not have. */
export function tenantryKey<T>(name: string, type: ValueType<T>, words: KeyWords): Key<T> {
  return key(name, type, { env: `TENANTRY_MIGRATE_${upperSnake(name)}`, ...words, scope: 'tenantry' });
}

/** A key that only the command line has. */
export function programKey<T>(name: string, type: ValueType<T>, words: KeyWords): Key<T> {
  return key(name, type, { env: null, ...words, scope: 'program' });
}

/** As it is written in a file: `flyway.url`, `tenantry.lockTimeout`. */
export function fileName({ name, scope }: Pick<AnyKey, 'name' | 'scope'>): string {
  return scope === 'program' ? `-${name}` : `${scope === 'tenantry' ? 'tenantry' : 'flyway'}.${name}`;
}

/** `outOfOrder` as `out-of-order`. */
export function flagName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Is this the variable of a key without one of its own? Flyway writes one of them in its own way. */
export function foreignVariable(name: string, variable: string): boolean {
  if (name.endsWith('.')) return variable.startsWith(`FLYWAY_${upperSnake(name)}`);
  return (
    variable === `FLYWAY_${upperSnake(name)}` ||
    variable === `FLYWAY_${upperSnake(name).replace('DRY_RUN', 'DRYRUN')}`
  );
}

function upperSnake(name: string): string {
  return flagName(name).replaceAll(/[-.]/g, '_').toUpperCase();
}
