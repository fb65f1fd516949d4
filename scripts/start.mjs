// npm start: install what is missing, build the console, then run the control plane on the pinned Node. Plain JavaScript without
// dependencies: it must run on Node 20 in a fresh clone.
import { join } from 'node:path';
import { ensureConsole } from './lib/console.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { Explained, workspaceEnv, workspaceNode } from './lib/node.mjs';
import { root } from './lib/root.mjs';
import { run } from './lib/run.mjs';

try {
  await ensureInstalled(root, (line) => console.error(line));
  // Without it everything else works; the page in its place says what is missing.
  await ensureConsole(root, (line) => console.error(line));
  const command = join(root, 'packages', 'server', 'bin', 'tenantry.mjs');
  const { code } = await run(workspaceNode(root), [command, 'up', ...process.argv.slice(2)], {
    env: workspaceEnv(root),
  });
  process.exitCode = code;
} catch (error) {
  if (!(error instanceof Explained)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
