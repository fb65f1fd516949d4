#!/usr/bin/env node
// The command `tenantry`. Runs on any Node that can read this file: one that cannot run TypeScript hands over to
// the Node that the workspace pins.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// 22.18 and newer have it; asked for by name because 23.0 to 23.5 do not.
if (process.features.typescript) {
  // The command starts in two thirds of the time. Kept beside what it is compiled from: whoever can write there can change the
  // program anyway, which holds of no folder for temporary files. Where nobody can, there is none.
  module.enableCompileCache?.(join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..', '.cache'));
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = pinnedNode();
  if (node === undefined) {
    console.error(
      `tenantry needs Node 22.18 or newer; this is ${process.version}, and no node_modules/.bin/node lies above ` +
        'the command. Run "npm ci" in the workspace, or use a newer Node.',
    );
    process.exitCode = 1;
  } else {
    handOver(node);
  }
}

function pinnedNode() {
  const running = realpathSync(process.execPath);
  let folder = dirname(realpathSync(fileURLToPath(import.meta.url)));
  for (;;) {
    const candidate = join(folder, 'node_modules', '.bin', 'node');
    // The running Node is no help, and starting it again would never end.
    if (existsSync(candidate) && realpathSync(candidate) !== running) return candidate;
    if (dirname(folder) === folder) return undefined;
    folder = dirname(folder);
  }
}

/** @param {string} node */
function handOver(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // Ctrl-C in a terminal reaches the child by itself; SIGTERM names one process only.
    const byTerminal = signal !== 'SIGTERM' && (process.stdin.isTTY || process.stdout.isTTY);
    process.on(signal, () => void (byTerminal || child.kill(signal)));
  }
  child.once('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
