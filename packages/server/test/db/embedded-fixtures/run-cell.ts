/** A program that runs an embedded cell: `node run-cell.ts <home>`. Prints one JSON line when it serves or refuses; ends with its input. */
import { EmbeddedError } from '@tenantry/tenancy/embedded';
import { startEmbeddedCell } from '../../../src/db/embedded/index.ts';

const home = process.argv[2] ?? '';
const log = { info: () => undefined, warn: () => undefined };
const say = (answer: object): void => console.log(JSON.stringify(answer));

try {
  const cell = await startEmbeddedCell({ home, log });
  say({ pid: cell.pid, controlUrl: cell.controlUrl, uid: process.getuid?.() });
  process.stdin.resume().on('end', () => void cell.stop().then(() => say({ stopped: true })));
} catch (error) {
  if (!(error instanceof EmbeddedError)) throw error;
  say({ code: error.code, pid: error.pid });
}
