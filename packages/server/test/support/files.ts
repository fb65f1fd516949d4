import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A migration directory of a test. */
export interface MigrationFiles {
  readonly path: string;
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  remove(name: string): Promise<void>;
  /** Leaves exactly these files. */
  replace(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  clean(): Promise<void>;
}

/** Two tables: small, so that a tenant of it is there at once. */
export const smallMigrations = {
  'V1__notes.sql':
    'CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);\n',
  'V2__tags.sql': 'CREATE TABLE tags (note int NOT NULL REFERENCES notes, tag text NOT NULL);\n',
} as const;

export async function migrationFiles(
  files: Readonly<Record<string, string | Uint8Array>> = smallMigrations,
): Promise<MigrationFiles> {
  const path = await mkdtemp(join(tmpdir(), 'tenantry migrations '));
  const known = new Set<string>();
  const remove = async (name: string) => {
    known.delete(name);
    await rm(join(path, name), { force: true });
  };
  const write: MigrationFiles['write'] = async (given) => {
    for (const [name, content] of Object.entries(given)) {
      known.add(name);
      await writeFile(join(path, name), content);
    }
  };
  await write(files);
  return {
    path,
    write,
    remove,
    async replace(given) {
      for (const name of known) await remove(name);
      await write(given);
    },
    clean: () => rm(path, { recursive: true, force: true }),
  };
}
