import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  verifyChain,
  verifyFiles,
  verifyingKey,
  type ChainVerification,
  type FileVerification,
  type VerifyingKey,
} from '@tenantry/isolation/evidence';
import { CliError, exitCodes, type ExitCode } from './exit.ts';
import type { Output } from './output.ts';
import { printFields, printTable, verdict } from './render.ts';
import type { Session } from './session.ts';

export interface VerifyFlags {
  readonly key?: readonly string[];
  readonly head?: string;
  readonly since?: string;
  readonly tenant?: string;
}

/** Checks files with public keys, by nothing but what is in them. */
export async function verifyLocally(
  out: Output,
  names: readonly string[],
  keyFiles: readonly string[],
  { head, since }: VerifyFlags,
): Promise<ExitCode> {
  const keys = await Promise.all(keyFiles.map(readKey));
  const files = await Promise.all(names.map(async (name) => ({ name, content: await read(name) })));
  const results = verifyFiles(files, keys);
  const reports = files.filter((_, at) => results[at]!.kind === 'report');
  const isChain = reports.length > 1 || head !== undefined || since !== undefined;
  const chain = isChain
    ? verifyChain(
        reports.map(({ content }) => Buffer.from(content).toString('utf8')),
        keys,
        { head, since },
      )
    : null;
  const ok = results.every((result) => result.ok) && chain?.ok !== false;
  if (out.json) out.document({ ok, files: results.map(plain), chain });
  else show(out, results, chain);
  return ok ? exitCodes.ok : exitCodes.failed;
}

function show(out: Output, results: readonly FileVerification[], chain: ChainVerification | null): void {
  printTable<FileVerification>(
    out,
    results,
    [
      { title: 'file', value: ({ name }) => name, min: 12 },
      { title: 'is a', value: ({ kind }) => kind, drop: 2 },
      { title: 'verified', value: ({ ok }) => verdict(out, ok, ok ? 'ok' : 'FAILED') },
      { title: 'report', value: ({ signed }) => signed?.report.id ?? '', drop: 1 },
    ],
    'No files.',
  );
  for (const { name, problems } of results)
    for (const { code, message } of problems) out.print(`${name}: ${code}: ${message}`);
  for (const { signed, ok } of results)
    if (ok && signed !== null && results.length === 1) showReport(out, signed);
  if (chain === null) return;
  const at = chain.broken === null ? null : `${chain.broken.code}: ${chain.broken.message}`;
  printFields(out, [
    ['chain', verdict(out, chain.ok, chain.ok ? 'ok' : 'broken')],
    ['checked', `${chain.checked} reports`],
    ['head', chain.head],
    ['broken', at],
  ]);
}

function showReport(out: Output, { report, hash }: NonNullable<FileVerification['signed']>): void {
  printFields(out, [
    [
      'about',
      report.scope.kind === 'tenant'
        ? report.scope.tenant.id
        : `the installation ${report.issuer.installation}`,
    ],
    ['issued', `${report.issuedAt} by ${report.issuedBy}`],
    ['says', report.verdict.headline],
    ['chain', `${report.chain.name}, report ${report.chain.sequence}`],
    ['hash', hash],
    ['key', report.keyId],
  ]);
}

function plain({ signed, ...rest }: FileVerification) {
  return { ...rest, report: signed?.report.id ?? null, hash: signed?.hash ?? null };
}

async function readKey(file: string): Promise<VerifyingKey> {
  try {
    return verifyingKey(Buffer.from(await read(file)).toString('utf8'));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(exitCodes.usage, 'KEY_INVALID', `--key ${file}: ${(error as Error).message}`);
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(exitCodes.usage, 'FILE_NOT_READ', `${file} cannot be read (${code}).`);
  }
}

/** Asks the control plane to check the chain that it keeps. */
export async function verifyChainOnServer(
  { client, out }: Session,
  { tenant, head }: VerifyFlags,
): Promise<ExitCode> {
  const result = await client.call('verifyEvidence', {
    body: { ...(tenant === undefined ? {} : { tenant }), ...(head === undefined ? {} : { head }) },
  });
  const code = result.ok ? exitCodes.ok : exitCodes.failed;
  if (out.json) {
    out.document(result);
    return code;
  }
  printFields(out, [
    ['chain', `${result.chain}: ${result.ok ? 'ok' : 'broken'}`],
    ['checked', `${result.checked} reports`],
    ['head', result.head],
    ['broken', result.broken === null ? null : `${result.broken.problem}: ${result.broken.message}`],
  ]);
  return code;
}
