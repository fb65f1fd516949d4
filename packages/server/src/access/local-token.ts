import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../db/context.ts';
import { authenticate } from './authenticate.ts';
import { createKey } from './create-key.ts';

/** Where the token of the local administrator lies, for the command line on the same machine. */
export function localTokenPath(home: string): string {
  return join(home, 'admin-token');
}

/**
 * The token of the local administrator: the one in the file if it still works, else a new one. Whoever can read the file
 * (mode 0600) administers this installation.
 */
export async function ensureLocalToken(ctx: Context, home: string): Promise<string> {
  const path = localTokenPath(home);
  const known = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  if (known !== '' && (await authenticate(ctx.control.db, known, ctx.clock()))?.role === 'admin')
    return known;
  const { token } = await createKey(ctx, { name: 'local administrator', role: 'admin' });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, `${token}\n`, { mode: 0o600 });
  await rename(temporary, path);
  return token;
}
