// Generates the Prisma clients of the examples, which git ignores and the checks read. Downloads nothing: the schema engine
// is for Prisma's own migrations, and is not wanted here.
// Usage: node scripts/generate.mjs
import { spawnSync } from 'node:child_process';
import { globSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './lib/root.mjs';

const prisma = realpathSync(join(root, 'node_modules', '.bin', 'prisma'));
const env = {
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
};
for (const schema of globSync('examples/**/schema.prisma', {
  cwd: root,
  exclude: (name) => name.endsWith('node_modules'),
})) {
  const file = join(root, schema);
  const { status } = spawnSync(process.execPath, [prisma, 'generate', '--schema', file, '--no-hints'], {
    cwd: dirname(file),
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(1);
}
