#!/usr/bin/env node
// The command `tenantry-isolation`.
if (process.features.typescript) {
  const { runIsolationCli } = await import('../src/cli/index.ts');
  const { env, stdout, stderr } = process;
  // A reader that went away, as behind `| head`, is not our error.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  process.exitCode = await runIsolationCli(process.argv.slice(2), {
    env,
    stdout,
    stderr,
    onInterrupt: (listener) => void process.once('SIGINT', listener).once('SIGTERM', listener),
  });
} else {
  console.error(`tenantry-isolation needs Node 22.18 or newer; this is ${process.version}.`);
  process.exitCode = 1;
}
