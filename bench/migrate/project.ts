import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = fileURLToPath(new URL('../../', import.meta.url));
/** Where the real projects lie, which are not part of this repository. */
const data = process.env['TENANTRY_FLYWAY_DATA'] ?? resolve(workspace, '../shared/flyway');

/** A real project's migrations, and what Flyway took for them. */
export interface Project {
  readonly directory: string;
  /** In Flyway's order, as one transaction can run them. */
  readonly files: readonly string[];
  /** Milliseconds that Flyway's `migrate` took, recorded on another machine of this kind; JVM and connection are up. */
  readonly flywayMs: number;
}

interface Expected {
  readonly schemas: {
    readonly tenant_a: {
      readonly migrate: { readonly executed: number; readonly ms: number };
      readonly history: readonly { readonly type: string; readonly script: string }[];
    };
  };
}

/** `interventions`: 263 files, 135 relations; a text that says why where it is not there. */
export async function interventions(): Promise<Project | string> {
  const root = join(data, 'real', 'interventions');
  if (!existsSync(root)) return `not in ${data}; set TENANTRY_FLYWAY_DATA`;
  const { tenant_a: recorded } = (
    JSON.parse(await readFile(join(root, 'expected.flyway-11.20.3.json'), 'utf8')) as Expected
  ).schemas;
  const directory = join(root, 'sql');
  const scripts = recorded.history.filter(({ type }) => type === 'SQL').map(({ script }) => script);
  const present = (await readdir(directory)).filter((file) => file.endsWith('.sql'));
  if (scripts.length !== present.length)
    throw new Error(`${String(present.length)} files are not the recorded ones.`);
  const files = await Promise.all(scripts.map((script) => readFile(join(directory, script), 'utf8')));
  return { directory, files: files.map(withoutTransaction), flywayMs: recorded.migrate.ms };
}

/** What a single transaction does not allow: the transactions that two files bring along, and CONCURRENTLY. */
function withoutTransaction(sql: string): string {
  return sql
    .replaceAll(/^\s*(?:begin|commit)(?:\s+transaction)?\s*;/gim, '')
    .replaceAll(/\bindex\s+concurrently\b/gi, 'INDEX');
}
