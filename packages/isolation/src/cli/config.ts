import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApplicationSpec } from '../attacks/index.ts';
import { IsolationError } from '../isolation-error.ts';
import type { CommandLine } from './arguments.ts';
import type { IsolationHost } from './host.ts';

/** What the file of `--config` holds, as JSON; undefined where there is none. Throws ISOLATION_OPTION. */
export async function readConfig({ config }: CommandLine, host: IsolationHost): Promise<unknown> {
  if (config === undefined) return undefined;
  const text = await readFile(resolve(host.directory ?? '.', config), 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new IsolationError('ISOLATION_OPTION', `${config} is no JSON: ${(error as Error).message}`);
  }
}

const lists = ['create', 'grant', 'drop', 'enter', 'leave'] as const;

/**
 * The part `attack` of the file: how the application makes tenants and gives connections to them. Undefined where there is none.
 * Throws ISOLATION_OPTION.
 *
 * ```json
 * { "attack": { "create": ["CREATE SCHEMA {schema}"], "drop": ["DROP SCHEMA {schema} CASCADE"],
 *               "enter": ["SET search_path = {schema}, public"], "leave": ["RESET search_path"] } }
 * ```
 */
export function applicationSpec(config: unknown): ApplicationSpec | undefined {
  const given = isRecord(config) ? config['attack'] : undefined;
  if (given === undefined) return undefined;
  if (!isRecord(given)) return refuse('"attack" must be an object.');
  const unknown = Object.keys(given).find((key) => ![...lists, 'owner', 'role'].includes(key));
  if (unknown !== undefined)
    return refuse(`"attack" has no "${unknown}"; it has ${lists.join(', ')}, owner, role.`);
  const [create, grant, drop, enter, leave] = lists.map((key) => listOf(given, key));
  if (create!.length === 0 || drop!.length === 0 || enter!.length === 0)
    return refuse('"attack" needs "create", "drop" and "enter", each with a statement at least.');
  const { owner = null, role = null } = given;
  if (!isName(owner) || !isName(role))
    return refuse('"owner" and "role" of "attack" must be names, or null.');
  return { create: create!, grant: grant!, drop: drop!, enter: enter!, leave: leave!, owner, role };
}

/** The file without what only attacks read. */
export function layoutPart(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const { attack: _, ...layout } = config;
  return Object.keys(layout).length === 0 ? undefined : layout;
}

function listOf(given: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  const list = given[key] ?? [];
  if (Array.isArray(list) && list.every((each) => typeof each === 'string')) return list;
  return refuse(`"${key}" of "attack" must be a list of statements.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function refuse(message: string): never {
  throw new IsolationError('ISOLATION_OPTION', `The file of --config: ${message}`);
}
