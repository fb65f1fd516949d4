import { Worker } from 'node:worker_threads';
import type { SignedReport } from './types.ts';

/** The forms of a report besides its JSON. */
export interface EvidenceForms {
  readonly html: string;
  readonly pdf: Uint8Array;
}

/**
 * The page and the print of a report, made in a thread of their own: laying out a thousand tenants takes seconds, in which a
 * server would answer nobody.
 *
 * @example
 * const { html, pdf } = await renderForms(signed);
 */
export function renderForms(signed: SignedReport): Promise<EvidenceForms> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('render-worker.ts', import.meta.url), { workerData: signed });
    worker.once('message', (forms: EvidenceForms) => resolve(forms));
    worker.once('error', reject);
    // After a message this comes too late to matter.
    worker.once('exit', (code) =>
      reject(new Error(`The thread that makes the print has ended with ${code}.`)),
    );
  });
}
