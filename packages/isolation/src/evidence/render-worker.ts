import { parentPort, workerData } from 'node:worker_threads';
import { evidenceHtml } from './html/page.ts';
import { evidencePdf } from './pdf/document.ts';
import type { SignedReport } from './types.ts';

const signed = workerData as SignedReport;
const pdf = await evidencePdf(signed);
parentPort!.postMessage({ html: evidenceHtml(signed), pdf }, [pdf.buffer as ArrayBuffer]);
