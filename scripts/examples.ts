// The example applications, as `tenantry scaffold api` writes them, and the versions that its templates have.
// Usage: node scripts/examples.ts           writes examples/*-*/ and packages/server/templates/api/versions.json
//                                           and AGENTS.md there
//        node scripts/examples.ts --check   writes nothing; exit code 1 when a file is not what the templates say
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assistantRules, exampleApis, exampleFiles, templateVersions } from './lib/examples.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
let stale = 0;

await put('packages/server/templates/api/versions.json', await templateVersions(root));
await put(
  'packages/server/templates/api/common/AGENTS.md',
  await readFile(join(root, assistantRules), 'utf8'),
);
for (const [framework, library] of exampleApis)
  for (const [path, text] of await exampleFiles(framework, library)) await put(path, text);

if (stale === 0) console.log('The examples are current.');
process.exitCode = check && stale > 0 ? 1 : 0;

async function put(path: string, text: string): Promise<void> {
  const file = join(root, path);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  stale += 1;
  if (check) {
    console.error(
      `${path} is not what the templates say. Run "node scripts/examples.ts" and commit the result.`,
    );
    return;
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${path}`);
}
