// The one door to the command line that is not a program: nothing of the server but its `cli` folder is loaded.
import { runCli } from '../../packages/server/src/cli/index.ts';

/**
 * What `tenantry` prints for arguments that need no control plane, as help does. The width is fixed, so that the pages do
 * not depend on anybody's terminal. Throws when the command fails.
 */
export async function tenantry(...argv: readonly string[]): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part), isTTY: false, columns: 100 };
  let complaint = '';
  const stderr = { write: (part: string) => (complaint += part), isTTY: false, columns: 100 };
  const exitCode = await runCli(argv, {
    stdout,
    stderr,
    env: {},
    up: () => Promise.reject(new Error('The reference starts nothing.')),
    sample: { seedFile: '' },
  });
  if (exitCode !== 0) throw new Error(`tenantry ${argv.join(' ')} exits with ${exitCode}: ${complaint}`);
  return text;
}
