import { open, rename, unlink } from 'node:fs/promises';
import { CliError, exitCodes } from './exit.ts';

/** Writes a file under another name until it is whole: half an export must not pass for one. Readable by its owner alone. Gives its bytes. */
export async function saveFile(
  file: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const partial = `${file}.${process.pid}.partial`;
  let bytes = 0;
  try {
    const handle = await open(partial, 'wx', 0o600);
    try {
      for await (const chunk of chunks) {
        await handle.writeFile(chunk);
        bytes += chunk.byteLength;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    return bytes;
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined || code === undefined) throw error;
    throw new CliError(exitCodes.failed, 'FILE_NOT_WRITTEN', `${file} cannot be written (${code}).`);
  }
}
