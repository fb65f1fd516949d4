import { checksumOfText } from './checksum.ts';
import { compileFile } from './compile.ts';
import type { CompiledFile } from './compile.ts';
import type { Migration } from './load.ts';
import { parseTemplate, renderTemplate } from './placeholders.ts';
import type { Template } from './placeholders.ts';

/** A migration made ready for one schema: its text with values in place, and what is known of it. */
export interface PreparedFile {
  readonly migration: Migration;
  readonly text: string;
  readonly compiled: CompiledFile;
  /** What the history row says: of the raw text, or, for a repeatable, of the text with values in place. */
  readonly checksum: number;
}

/** Placeholder values for one schema, and the same values with the schema's name masked. */
export interface Values {
  readonly real: ReadonlyMap<string, string>;
  readonly masked: ReadonlyMap<string, string>;
  /** Stands for the schema in observations of files that use placeholders. */
  readonly mask: string | null;
}

interface Cached {
  readonly template: Template;
  readonly variants: Map<string, CompiledFile>;
}

/** More shapes of values than this are not worth their memory. */
const VARIANTS_KEPT = 16;

const cache = new WeakMap<Migration, Cached>();

const MASKABLE = /^[a-z_][a-z0-9_]{7,}$/;

/**
 * Masks the schema's name in the values by another one of equal length. Schemas with names of equal length then share
 * one parse of every file: parsing 263 files costs about 100 ms, putting names in place 1 ms.
 */
export function maskedValues(real: ReadonlyMap<string, string>, schema: string): Values {
  const mask = MASKABLE.test(schema)
    ? 'maskedschema'.padEnd(schema.length, '0').slice(0, schema.length)
    : null;
  if (mask === null) return { real, masked: real, mask };
  const masked = new Map([...real].map(([key, value]) => [key, value.replaceAll(schema, mask)] as const));
  const timestamp = real.get('flyway:timestamp');
  if (timestamp !== undefined) masked.set('flyway:timestamp', timestamp.replaceAll(/\d/g, '0'));
  return { real, masked, mask };
}

/**
 * Puts values in place and parses, from a cache where it can.
 *
 * @throws MigrateError MIGRATION_PLACEHOLDER_MISSING, MIGRATION_SYNTAX
 */
export function prepareFile(migration: Migration, values: Values): PreparedFile {
  const known = cached(migration);
  const { template, variants } = known;
  if (template.keys.size === 0) {
    const compiled = variants.get('') ?? remember(variants, '', compileFile(migration.sql, migration.script));
    return { migration, text: migration.sql, compiled, checksum: migration.checksum };
  }
  const filename = migration.script.slice(migration.script.lastIndexOf('/') + 1);
  const withFile = (map: ReadonlyMap<string, string>) => new Map(map).set('flyway:filename', filename);
  const text = renderTemplate(template, withFile(values.real), migration.script);
  const shape = JSON.stringify([...template.keys].map((key) => values.masked.get(key) ?? null));
  const compiled = variants.get(shape) ?? remember(variants, shape, compileMasked());
  return { migration, text, compiled, checksum: checksumFor(migration, text) };

  function compileMasked(): CompiledFile {
    try {
      return compileFile(
        renderTemplate(template, withFile(values.masked), migration.script),
        migration.script,
      );
    } catch {
      // The error must quote the text as its reader knows it.
      return compileFile(text, migration.script);
    }
  }
}

function cached(migration: Migration): Cached {
  const known = cache.get(migration);
  if (known !== undefined) return known;
  const made = { template: parseTemplate(migration.sql), variants: new Map<string, CompiledFile>() };
  cache.set(migration, made);
  return made;
}

function remember(variants: Map<string, CompiledFile>, shape: string, compiled: CompiledFile): CompiledFile {
  const oldest = variants.keys().next();
  if (variants.size >= VARIANTS_KEPT && !oldest.done) variants.delete(oldest.value);
  variants.set(shape, compiled);
  return compiled;
}

/**
 * The checksum of a migration's history row, given its text with placeholders replaced: Flyway hashes versioned
 * migrations raw and repeatable ones replaced, so a repeatable that names the schema differs from schema to schema.
 */
export function checksumFor(migration: Migration, replaced: string): number {
  return migration.kind === 'repeatable' ? checksumOfText(replaced) : migration.checksum;
}
