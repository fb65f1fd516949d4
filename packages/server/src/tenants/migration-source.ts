import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadMigrations, MigrateError, type MigrationSet } from '@tenantry/migrate';
import { isProblemCode } from '@tenantry/contract';
import type { Database } from '../db/database.ts';
import { TenantryError } from '../errors.ts';

/** The configured migrations as they are on disk now. `id` names them together with the placeholders they run with. */
export interface CurrentMigrations {
  readonly id: string;
  readonly set: MigrationSet;
}

/**
 * The migration directory of the control plane. Read again when a file in it has changed, so that the next tenant gets
 * what is there; the comparison costs one `stat` a file.
 */
export class MigrationSource {
  readonly #locations: readonly string[];
  readonly #placeholders: Readonly<Record<string, string>>;
  #loaded: { readonly signature: string; readonly current: CurrentMigrations } | undefined;
  readonly #registered = new Set<string>();

  constructor(locations: readonly string[], placeholders: Readonly<Record<string, string>>) {
    this.#locations = locations;
    this.#placeholders = placeholders;
  }

  get locations(): readonly string[] {
    return this.#locations;
  }

  /** The placeholders of one tenant: `{schema}` in a value is its schema. */
  placeholdersFor(schema: string): Record<string, string> {
    const entries = Object.entries(this.#placeholders);
    return Object.fromEntries(entries.map(([key, value]) => [key, value.replaceAll('{schema}', schema)]));
  }

  /** Throws TenantryError with the codes of loading migrations: MIGRATIONS_MISSING, MIGRATION_NAME_INVALID … */
  async current(): Promise<CurrentMigrations> {
    const signature = this.#signature();
    if (this.#loaded?.signature === signature) return this.#loaded.current;
    const set = await this.#load();
    const id = createHash('sha256')
      .update(
        JSON.stringify([
          set.fingerprint,
          Object.entries(this.#placeholders).toSorted(([a], [b]) => (a < b ? -1 : 1)),
        ]),
      )
      .digest('hex');
    const current = { id, set };
    this.#loaded = { signature, current };
    return current;
  }

  /** The same migrations for another control schema, in which nothing is written down yet. */
  forAnother(): MigrationSource {
    return new MigrationSource(this.#locations, this.#placeholders);
  }

  /** Writes the set down, so that tenants can refer to it. */
  async register(db: Database, { id, set }: CurrentMigrations): Promise<void> {
    if (this.#registered.has(id)) return;
    await db
      .insertInto('migration_sets')
      .values({
        fingerprint: id,
        locations: [...set.locations],
        schema_version: set.schemaVersion,
        migrations: JSON.stringify(
          set.migrations.map(({ kind, version, description, script, checksum }) => ({
            kind,
            version,
            description,
            script,
            checksum,
          })),
        ),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    this.#registered.add(id);
  }

  async #load(): Promise<MigrationSet> {
    try {
      return await loadMigrations({ locations: [...this.#locations] });
    } catch (error) {
      if (error instanceof MigrateError && isProblemCode(error.code)) {
        const { file, line, hint } = error;
        const detail = { ...(file ? { file } : {}), ...(line ? { line } : {}), ...(hint ? { hint } : {}) };
        throw new TenantryError(error.code, error.message, detail, error);
      }
      throw error;
    }
  }

  #signature(): string {
    const parts = this.#locations.map(signatureOf);
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  }
}

/** Without a promise for each file: thirty files take 0.2 ms so, and 1 ms otherwise, in every request that makes a tenant. */
function signatureOf(location: string): string[] {
  try {
    const entries = readdirSync(location, { recursive: true }) as string[];
    return entries.toSorted().map((name) => {
      const { mtimeMs, size, ino } = statSync(join(location, name));
      return `${name}:${mtimeMs}:${size}:${ino}`;
    });
  } catch (error) {
    // Loading says what is wrong with it.
    return [`${location}: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`];
  }
}
