// Code in the documentation comes from files that run: a block whose fence says `file=path#region` is that part of that file.
// Usage: node scripts/doc-blocks.ts           writes nothing; exit code 1 when a block is not what its source says, or has none
//        node scripts/doc-blocks.ts --write   puts into every block what its source says
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillPages } from './lib/doc-blocks.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const write = process.argv.includes('--write');

for (const [path, { text, stale }] of write ? fillPages(root) : []) {
  if (stale.length === 0) continue;
  writeFileSync(join(root, path), text);
  console.log(`wrote ${path}`);
}
const problems = [...fillPages(root).values()].flatMap((page) => page.problems);
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log('Every block is what its source says.');
process.exitCode = problems.length === 0 ? 0 : 1;
