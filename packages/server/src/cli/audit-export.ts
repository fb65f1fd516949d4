import { open, rename, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { auditFilters, type AuditFilterFlags } from './audit.ts';
import { CliError, exitCodes, type ExitCode } from './exit.ts';
import type { Session } from './session.ts';

export interface ExportFlags extends AuditFilterFlags {
  readonly format: 'jsonl' | 'csv';
  readonly output?: string;
}

/** Downloads audit events as they come, to stdout or into a file. */
export async function exportAudit(session: Session, flags: ExportFlags): Promise<ExitCode> {
  const { client, out } = session;
  const response = await client.open('exportAudit', {
    query: { ...auditFilters(flags), format: flags.format },
  });
  const text = new TextDecoder();
  const chunks = response.body ?? [];
  if (flags.output !== undefined) {
    const file = resolve(flags.output);
    const bytes = await saveFile(file, chunks);
    if (out.json) out.document({ file, format: flags.format, bytes });
    else out.note(`Wrote ${bytes} bytes to ${file}.`);
    return exitCodes.ok;
  }
  for await (const chunk of chunks) {
    await out.raw(text.decode(chunk, { stream: true }));
    // Nobody reads on; leaving the loop ends the download.
    if (out.closed.aborted) break;
  }
  return exitCodes.ok;
}

// Under another name until it is whole: half an export must not pass for one. Readable by its owner alone.
async function saveFile(
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
