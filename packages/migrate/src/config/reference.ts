import { foreignKeys } from './foreign.ts';
import type { AnyKey, KeyScope } from './key.ts';
import { fileName, flagName } from './key.ts';
import { defaultOf, keys } from './keys.ts';

/** One key as the reference page shows it. */
export interface KeyReference {
  /** In flyway.conf; null where only a flag or a variable sets it. */
  readonly conf: string | null;
  /** In flyway.toml. */
  readonly toml: string | null;
  readonly env: string | null;
  readonly flag: string | null;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
  /** Flyway has it in its paid editions only. */
  readonly paid: boolean;
  readonly scope: KeyScope;
}

/** Every key of the configuration, for documentation. */
export function keyReference(): readonly KeyReference[] {
  return keys.map((key) => {
    const below = key.type.map === true ? '.<name>' : '';
    return {
      conf: key.scope === 'program' ? null : `${fileName(key)}${below}`,
      toml: tomlPath(key, below),
      env: key.env === null ? null : `${key.env}${below === '' ? '' : '_<NAME>'}`,
      flag: key.name === 'password' ? null : `--${flagName(key.alias ?? key.name)}${below}`,
      type: key.type.says,
      default: defaultOf(key),
      meaning: key.meaning,
      paid: key.paid,
      scope: key.scope,
    };
  });
}

function tomlPath({ name, scope }: AnyKey, below: string): string | null {
  switch (scope) {
    case 'flyway':
    case 'tenantry':
      return `${scope}.${name}${below}`;
    case 'environment':
      return `environments.<name>.${name}${below}`;
    case 'program':
      return null;
    default:
      return scope satisfies never;
  }
}

/** One key of Flyway's that does nothing here, for documentation. */
export interface ForeignReference {
  readonly key: string;
  readonly effect: 'refused' | 'ignored';
  readonly why: string;
}

/** Every key of Flyway's that does nothing here. */
export function foreignReference(): readonly ForeignReference[] {
  return foreignKeys.map(({ name, effect, reason, instead }) => ({
    key: `flyway.${name}${name.endsWith('.') ? '*' : ''}`,
    effect,
    why: `${reason[0]!.toUpperCase()}${reason.slice(1)}.${instead === undefined ? '' : ` ${instead}`}`,
  }));
}
