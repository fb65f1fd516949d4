// Imports point in one direction only: between packages, and between the folders of packages/server/src.
// Usage: node scripts/check-direction.ts [workspace]. Exit code 1 when an import breaks a rule.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDirection } from './lib/check.ts';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const { files, imports, violations } = checkDirection(root);
for (const { file, line, specifier, rule } of violations)
  console.error(`${file}:${line} '${specifier}': ${rule}`);
console.log(`${files} files, ${imports} imports, ${violations.length} against the direction`);
process.exitCode = violations.length > 0 ? 1 : 0;
