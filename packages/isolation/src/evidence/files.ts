import { canonical, sha256 } from './canonical.ts';
import { evidenceHtml, signedReportIn } from './html/page.ts';
import type { VerifyingKey } from './keys.ts';
import { manifestFormat, type SignedManifest } from './manifest.ts';
import type { SignedReport } from './types.ts';
import { verifyReport, type EvidenceProblem, type ReportVerification } from './verify.ts';

/** A file as it lies on a disk. */
export interface EvidenceFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What a file is, told by its content and not by its name. */
export type EvidenceFileKind = 'report' | 'page' | 'print' | 'manifest' | 'unknown';

export interface FileVerification {
  readonly name: string;
  readonly kind: EvidenceFileKind;
  readonly ok: boolean;
  readonly problems: readonly EvidenceProblem[];
  /** The report that it is or belongs to, where that is known. */
  readonly signed: SignedReport | null;
}

/**
 * Checks files of reports, each by what it is: a report by its signature, a page by the signed JSON in it and by being what that JSON
 * looks like, a print by a manifest among the files. Needs no network and no database. Never throws.
 *
 * @example
 * verifyFiles([{ name: 'report.json', content }], [verifyingKey(pem)]).every(({ ok }) => ok)
 */
export function verifyFiles(
  files: readonly EvidenceFile[],
  keys: readonly VerifyingKey[],
): readonly FileVerification[] {
  const known = files.map(({ name, content }) => ({ name, content, kind: kindOf(content) }));
  const manifests = known.flatMap(({ kind, content }) => {
    const manifest = kind === 'manifest' ? readManifest(content) : null;
    return manifest !== null && manifestProblem(manifest, content, keys) === undefined ? [manifest] : [];
  });
  return known.map(({ name, content, kind }) => {
    const { ok, problems, signed } = verifyFile(kind, content, keys, manifests);
    return { name, kind, ok, problems, signed };
  });
}

function verifyFile(
  kind: EvidenceFileKind,
  content: Uint8Array,
  keys: readonly VerifyingKey[],
  manifests: readonly SignedManifest[],
): ReportVerification {
  switch (kind) {
    case 'report':
      return verifyReport(textOf(content), keys);
    case 'page':
      return verifyPage(content, keys, manifests);
    case 'print':
      return isListed(content, manifests)
        ? sound(null)
        : fault(
            'manifest',
            'No manifest with a good signature lists this print: give the manifest that was issued with it, too.',
          );
    case 'manifest': {
      const manifest = readManifest(content);
      const problem = manifest === null ? undefined : manifestProblem(manifest, content, keys);
      return problem === undefined ? sound(null) : { ok: false, problems: [problem], signed: null };
    }
    case 'unknown':
      return fault('form', 'This is no report, no page or print of one, and no manifest.');
  }
}

/** Known by the manifest; or without one, made again of its JSON by this program and the same. */
function verifyPage(
  content: Uint8Array,
  keys: readonly VerifyingKey[],
  manifests: readonly SignedManifest[],
): ReportVerification {
  const html = textOf(content);
  const inner = signedReportIn(html);
  if (inner === undefined) return fault('form', 'This page holds no signed report.');
  const verified = verifyReport(inner, keys);
  if (!verified.ok || isListed(content, manifests)) return verified;
  if (evidenceHtml(verified.signed!) === html) return verified;
  const problem = {
    code: 'page',
    message:
      'The JSON in this page is genuine, but the page is not what this program makes of it: it was changed, or made by another version. Give the manifest that was issued with it, or read the JSON.',
  } as const;
  return { ok: false, problems: [problem], signed: verified.signed };
}

function isListed(content: Uint8Array, manifests: readonly SignedManifest[]): boolean {
  const hash = sha256(content);
  return manifests.some(({ manifest }) => manifest.files.some((file) => file.sha256 === hash));
}

function manifestProblem(
  { manifest, signature }: SignedManifest,
  content: Uint8Array,
  keys: readonly VerifyingKey[],
): EvidenceProblem | undefined {
  const key = keys.find(({ id }) => id === signature.keyId);
  if (key === undefined || manifest.keyId !== signature.keyId)
    return {
      code: 'key',
      message: `It is signed with the key ${signature.keyId}, which is none of those that were given.`,
    };
  if (!key.verifies(canonical(manifest), signature.value))
    return { code: 'signature', message: 'The signature is not of this manifest.' };
  return canonical({ manifest, signature }) === textOf(content).replace(/\n$/, '')
    ? undefined
    : { code: 'changed', message: 'The file of the manifest was written anew.' };
}

function kindOf(content: Uint8Array): EvidenceFileKind {
  const start = Buffer.from(content.subarray(0, 200)).toString('utf8').trimStart();
  if (start.startsWith('%PDF-')) return 'print';
  if (/^<!doctype html/i.test(start)) return 'page';
  if (!start.startsWith('{')) return 'unknown';
  return readManifest(content) === null ? 'report' : 'manifest';
}

function readManifest(content: Uint8Array): SignedManifest | null {
  try {
    const value = JSON.parse(textOf(content)) as Partial<SignedManifest> | null;
    const isManifest =
      value?.manifest?.format === manifestFormat &&
      Array.isArray(value.manifest.files) &&
      typeof value.signature?.value === 'string' &&
      typeof value.signature.keyId === 'string';
    return isManifest ? (value as SignedManifest) : null;
  } catch {
    return null;
  }
}

function textOf(content: Uint8Array): string {
  return Buffer.from(content).toString('utf8');
}

function sound(signed: SignedReport | null): ReportVerification {
  return { ok: true, problems: [], signed };
}

function fault(code: EvidenceProblem['code'], message: string): ReportVerification {
  return { ok: false, problems: [{ code, message }], signed: null };
}
