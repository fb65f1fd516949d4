// npm test: install what is missing, then every check that CI runs. Stops at the first stage that fails; the last
// line is the sum in either case. Plain JavaScript without dependencies: it must run on Node 20 in a fresh clone.
import { ensureInstalled } from './lib/install.mjs';
import { Explained } from './lib/node.mjs';
import { root } from './lib/root.mjs';
import { stages } from './lib/stages.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };
let interrupted = 0;
process.on('SIGINT', () => (interrupted = 130));
process.on('SIGTERM', () => (interrupted = 143));

try {
  await ensureInstalled(root, (line) => console.log(line));
  for (const stage of stages(root, process.argv.slice(2))) {
    console.log(`\n── ${stage.name}`);
    const started = performance.now();
    const found = await stage.run();
    for (const key of Object.keys(total)) total[key] += found[key];
    console.log(
      `── ${stage.name}: ${found.failed === 0 ? 'ok' : 'FAILED'}, ${Math.round(performance.now() - started)} ms`,
    );
    if (found.failed > 0 || interrupted > 0) break;
  }
} catch (error) {
  console.error(error instanceof Explained ? error.message : error);
  total.failed += 1;
}

if (interrupted > 0 && total.failed === 0) total.failed = 1;
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = interrupted || (total.failed > 0 ? 1 : 0);
