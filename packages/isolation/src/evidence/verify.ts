import { canonical, sha256 } from './canonical.ts';
import type { VerifyingKey } from './keys.ts';
import { evidenceFormat, type SignedReport } from './types.ts';

/** What is wrong with a file or a chain, as stable codes. */
export type EvidenceProblemCode =
  /** No report of this form. */
  | 'form'
  /** Not the bytes that were issued. */
  | 'changed'
  /** No key that was given has signed it. */
  | 'key'
  /** The key is right, and the signature is not of this. */
  | 'signature'
  /** A report of the chain is missing before this one. */
  | 'gap'
  /** The reports do not stand in the order of their chain. */
  | 'order'
  /** It does not continue the report before it: another one stood there. */
  | 'link'
  /** It belongs to another chain than the others. */
  | 'chain'
  /** The chain does not end where it is known to. */
  | 'truncated'
  /** A manifest says other things of the file, or nothing. */
  | 'manifest'
  /** The page does not show what was signed. */
  | 'page';

export interface EvidenceProblem {
  readonly code: EvidenceProblemCode;
  readonly message: string;
}

/** What became of a report. `signed` is there where the file is a report at all. */
export interface ReportVerification {
  readonly ok: boolean;
  readonly problems: readonly EvidenceProblem[];
  readonly signed: SignedReport | null;
}

/**
 * Checks the file of a report: that it is what was issued, byte for byte, and that one of the keys has signed it. Needs no network
 * and no database. Never throws.
 *
 * @example
 * verifyReport(await readFile('report.json', 'utf8'), [verifyingKey(pem)]).ok
 */
export function verifyReport(text: string, keys: readonly VerifyingKey[]): ReportVerification {
  const signed = parse(text);
  if (signed === null)
    return fail(null, 'form', `This is no evidence report, or of another form than ${evidenceFormat}.`);
  const { report, hash, signature } = signed;
  const bytes = canonical(report);
  if (sha256(bytes) !== hash)
    return fail(signed, 'changed', 'The report was changed: its hash is not the one that it carries.');
  const key = keys.find(({ id }) => id === signature.keyId);
  if (key === undefined || report.keyId !== signature.keyId)
    return fail(
      signed,
      'key',
      `It is signed with the key ${signature.keyId}, which is none of those that were given.`,
    );
  if (!key.verifies(bytes, signature.value))
    return fail(
      signed,
      'signature',
      'The signature is not of this report: it was changed, or made with another key.',
    );
  // Space and the order of keys are not in the signature. They are of no meaning, but then they are not what was issued.
  if (canonical(signed) !== text.replace(/\n$/, ''))
    return fail(
      signed,
      'changed',
      'What it says is what was signed, but the file was written anew. Ask for the file as it was issued.',
    );
  return { ok: true, problems: [], signed };
}

export interface ChainOptions {
  /** Hash of the newest report, known from elsewhere: shows that nothing was cut off. */
  readonly head?: string | undefined;
  /** Hash of the report before the first of them; without it a chain begins with its first report. */
  readonly since?: string | undefined;
}

export interface ChainVerification {
  readonly ok: boolean;
  readonly checked: number;
  /** Hash of the last report: to be noted elsewhere. */
  readonly head: string | null;
  /** The first problem, and at which report, counted from 0; null where there is none. */
  readonly broken: (EvidenceProblem & { readonly at: number; readonly id: string | null }) | null;
}

/**
 * Checks reports in their order, oldest first: each by itself, and that each continues the one before. Stops at the first that does
 * not.
 *
 * @example
 * verifyChain(texts, [key], { head: '5f…' }) // { ok: true, checked: 12, head: '5f…', broken: null }
 */
export function verifyChain(
  texts: readonly string[],
  keys: readonly VerifyingKey[],
  { head, since }: ChainOptions = {},
): ChainVerification {
  let before: SignedReport | null = null;
  for (const [at, text] of texts.entries()) {
    const { signed, problems } = verifyReport(text, keys);
    const first: EvidenceProblem | undefined =
      problems[0] ?? (before === null ? startProblem(signed!, since) : linkProblem(before, signed!));
    if (first !== undefined)
      return {
        ok: false,
        checked: at,
        head: before?.hash ?? null,
        broken: { ...first, at, id: signed?.report.id ?? null },
      };
    before = signed;
  }
  const last = before?.hash ?? null;
  if (head !== undefined && last !== head)
    return {
      ok: false,
      checked: texts.length,
      head: last,
      broken: {
        code: 'truncated',
        message: `The chain ends with ${last ?? 'nothing'} and not with ${head}: reports at its end are missing.`,
        at: texts.length,
        id: null,
      },
    };
  return { ok: true, checked: texts.length, head: last, broken: null };
}

function startProblem(
  { report: { chain } }: SignedReport,
  since: string | undefined,
): EvidenceProblem | undefined {
  const { sequence, previous } = chain;
  if (since === undefined) {
    if (sequence === 1 && previous === null) return undefined;
    return problemOf('gap', `The chain begins with report ${sequence}; the reports before it are missing.`);
  }
  if (previous?.hash === since) return undefined;
  return problemOf('link', `The first report continues ${previous?.hash ?? 'no other'}, and not ${since}.`);
}

function linkProblem(before: SignedReport, { report: { chain } }: SignedReport): EvidenceProblem | undefined {
  const last = before.report.chain;
  if (chain.name !== last.name)
    return problemOf('chain', `This report is of the chain ${chain.name}, the one before of ${last.name}.`);
  if (chain.sequence <= last.sequence)
    return problemOf('order', `Report ${chain.sequence} stands after report ${last.sequence}.`);
  if (chain.sequence > last.sequence + 1)
    return problemOf(
      'gap',
      `After report ${last.sequence} comes report ${chain.sequence}: what is between them is missing.`,
    );
  if (chain.previous?.hash !== before.hash)
    return problemOf(
      'link',
      `Report ${chain.sequence} continues another report than the one that stands before it.`,
    );
  return undefined;
}

function problemOf(code: EvidenceProblemCode, message: string): EvidenceProblem {
  return { code, message };
}

function fail(signed: SignedReport | null, code: EvidenceProblemCode, message: string): ReportVerification {
  return { ok: false, problems: [{ code, message }], signed };
}

function parse(text: string): SignedReport | null {
  try {
    const value = JSON.parse(text) as Partial<SignedReport> | null;
    const isReport =
      value?.report?.format === evidenceFormat &&
      typeof value.hash === 'string' &&
      typeof value.report.id === 'string' &&
      typeof value.report.chain?.sequence === 'number' &&
      value.signature?.algorithm === 'Ed25519' &&
      typeof value.signature.keyId === 'string' &&
      typeof value.signature.value === 'string';
    return isReport ? (value as SignedReport) : null;
  } catch {
    return null;
  }
}
