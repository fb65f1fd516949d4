import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { onTestFinished } from 'vitest';

import { applyToEmptySchema, loadMigrations, MigrateError } from '../../src/index.ts';
import type { ApplyOptions, ApplyResult, LoadOptions } from '../../src/index.ts';
import { asOwner } from './cell.ts';
import type { Cell, Tenant } from './cell.ts';

/** Files of a scenario: path to text or bytes. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Data of other projects, read where it lies; tests that need it are skipped where it is absent. */
export const DATA =
  process.env['TENANTRY_FLYWAY_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/flyway');
export const dataMissing = !existsSync(DATA);
export const skipReason = dataMissing
  ? ` (skipped: TENANTRY_FLYWAY_DATA is not set and ${DATA} does not exist)`
  : '';

/** A directory with these files, removed when the test ends. */
export async function directoryOf(files: Files): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'migrate-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

export async function setOf(files: Files, options: Partial<LoadOptions> = {}) {
  return loadMigrations({ locations: [await directoryOf(files)], ...options });
}

/** Applies files to a new schema. */
export async function applied(
  cell: Cell,
  files: Files,
  options: Partial<ApplyOptions> = {},
): Promise<ApplyResult & { readonly tenant: Tenant }> {
  const set = await setOf(files);
  const tenant = await cell.newSchema();
  const result = await asOwner(cell.client, tenant, () =>
    applyToEmptySchema(cell.client, set, { schema: tenant.schema, ...options }),
  );
  return { ...result, tenant };
}

/** The MigrateError that a promise ends in; any other end fails the test. */
export async function refusal(work: Promise<unknown>): Promise<MigrateError> {
  const outcome: unknown = await work.then(
    () => new Error('it was not refused'),
    (error: unknown) => error,
  );
  if (outcome instanceof MigrateError) return outcome;
  throw outcome;
}

/** `n` lines that do nothing, to push what follows down. */
export function lines(n: number): string {
  return Array.from({ length: n }, (_, i) => `-- line ${i + 1}\n`).join('');
}
