// Builds the console where its sources have changed. Usage: node scripts/build-console.mjs
import { ensureConsole } from './lib/console.mjs';
import { root } from './lib/root.mjs';

const built = await ensureConsole(root, (line) => console.error(line));
process.exitCode = built ? 0 : 1;
