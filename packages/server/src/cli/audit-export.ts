import { resolve } from 'node:path';
import { auditFilters, type AuditFilterFlags } from './audit.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { saveFile } from './save-file.ts';
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
