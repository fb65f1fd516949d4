#!/usr/bin/env node
// The command `tenantry-migrate`.
if (process.features.typescript) {
  const { runMigrateCli } = await import('../src/cli/index.ts');
  const { env, stdin, stdout, stderr } = process;
  // A reader that went away, as behind `| head`, is not our error.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  process.exitCode = await runMigrateCli(process.argv.slice(2), {
    env,
    stdin,
    stdout,
    stderr,
    onInterrupt: (listener) => void process.once('SIGINT', listener),
  });
} else {
  console.error(`tenantry-migrate needs Node 22.18 or newer; this is ${process.version}.`);
  process.exitCode = 1;
}
