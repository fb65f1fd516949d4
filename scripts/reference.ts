// The reference pages of docs/, made from the code that they describe.
// Usage: node scripts/reference.ts           writes docs/reference/*.md
//        node scripts/reference.ts --check   writes nothing; exit code 1 when a page is not what the code says
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderPages } from './reference/pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');

let stale = 0;
for (const { path, text } of await renderPages()) {
  const file = join(root, path);
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
  stale += 1;
  if (check) {
    console.error(
      `${path} is not what the code says. Run "node scripts/reference.ts" and commit the result.`,
    );
    continue;
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${path}`);
}
if (stale === 0) console.log('The reference is current.');
process.exitCode = check && stale > 0 ? 1 : 0;
