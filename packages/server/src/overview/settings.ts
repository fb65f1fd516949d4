import type { Setting, Settings } from '@tenantry/contract';
import { options, type Config, type Option, type OptionName } from '../config.ts';

/** Every option with its value in this control plane; a secret's is shown to nobody. */
export function getSettings(config: Config, version: string, publicUrl: string): Settings {
  const items = (Object.keys(options) as OptionName[]).map((name) => settingOf(name, config));
  return { version, publicUrl, items };
}

function settingOf(name: OptionName, config: Config): Setting {
  const option: Option<unknown> = options[name];
  const value: unknown = config[name];
  const secret = option.secret === true;
  const isDefault = JSON.stringify(value) === JSON.stringify(option.default());
  return {
    name,
    env: option.env,
    flag: option.flag,
    meaning: option.meaning,
    value: secret || value === undefined ? null : textOf(value, option),
    default: option.defaultText,
    source: isDefault ? 'default' : 'given',
    secret,
  };
}

function textOf(value: unknown, { defaultText }: Option<unknown>): string {
  // Durations are kept in seconds.
  if (typeof value === 'number') return /^\d+[smhd]$/.test(defaultText) ? `${value}s` : String(value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : pairOf(item))).join(',');
  return Object.entries(value as Readonly<Record<string, unknown>>)
    .map(([key, text]) => `${key}=${String(text)}`)
    .join(',');
}

function pairOf(item: unknown): string {
  const { value, role, tenant } = item as { value: string; role: string; tenant?: string };
  return `${value}=${role}${tenant === undefined ? '' : `:${tenant}`}`;
}
