import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildReport,
  canonical,
  evidenceHtml,
  newSigningKey,
  publicPem,
  sealManifest,
  sealReport,
  sha256,
  signedReportIn,
  signingKey,
  toEvidenceJson,
  verifyChain,
  verifyFiles,
  verifyingKey,
  verifyReport,
  type ChainPosition,
  type SignedReport,
} from '../../src/evidence/index.ts';
import { key, sampleInput } from './sample.ts';

const keys = [verifyingKey(publicPem(key))];

function issue(chain: ChainPosition): SignedReport {
  const { sequence } = chain;
  return sealReport(buildReport(sampleInput(3, { id: `ev_${sequence}`, chain })), key);
}

/** Reports of one chain, oldest first. */
function chainOf(length: number): readonly SignedReport[] {
  const reports: SignedReport[] = [];
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const last = reports.at(-1);
    const previous = last === undefined ? null : { id: last.report.id, hash: last.hash };
    reports.push(issue({ name: 'installation', sequence, previous }));
  }
  return reports;
}

const reports = chainOf(4);
const texts = reports.map(toEvidenceJson);
const [first] = texts as [string, ...string[]];

describe('a report', () => {
  test('is verified with the public key alone, and by anybody’s Ed25519', () => {
    expect(verifyReport(first, keys)).toMatchObject({ ok: true, problems: [] });
    const { report, signature, hash } = JSON.parse(first) as SignedReport;
    const bytes = Buffer.from(canonical(report));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash);
    const publicKey = createPublicKey(publicPem(key));
    expect(verifySignature(null, bytes, publicKey, Buffer.from(signature.value, 'base64'))).toBe(true);
  });

  test('is refused after a change of any byte', () => {
    const bytes = Buffer.from(first);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ by;
        return !verifyReport(changed.toString('utf8'), keys).ok;
      }),
      { numRuns: 60 },
    );
  });

  test('is refused when it was written anew, though it says the same', () => {
    const { ok, problems } = verifyReport(JSON.stringify(JSON.parse(first), null, 2), keys);
    expect([ok, problems[0]?.code]).toEqual([false, 'changed']);
    // A key that stands there twice is another report to another reader.
    expect(verifyReport(first.replace('{', '{"hash":"x",'), keys).ok).toBe(false);
  });

  test('is refused with another key, and when it was signed anew with one', () => {
    const other = signingKey(newSigningKey());
    expect(verifyReport(first, [verifyingKey(publicPem(other))]).problems[0]?.code).toBe('key');
    const forged = sealReport({ ...reports[0]!.report, issuedBy: 'Mallory', keyId: other.id }, other);
    expect(verifyReport(toEvidenceJson(forged), keys).problems[0]?.code).toBe('key');
    const renamed = { ...forged, signature: { ...forged.signature, keyId: key.id } };
    expect(verifyReport(canonical(renamed), keys).ok).toBe(false);
  });

  test.each(['', '{}', '[]', 'null', '{"report":{"format":"tenantry-evidence/2"}}', 'x'])(
    'is none: %s',
    (text) => {
      expect(verifyReport(text, keys).problems[0]?.code).toBe('form');
    },
  );

  test('a private key checks nothing: nobody should have it at hand', () => {
    expect(() => verifyingKey(newSigningKey())).toThrow(/private key/);
    expect(() => verifyingKey('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toThrow(
      /Ed25519/,
    );
  });
});

describe('a chain', () => {
  const head = reports.at(-1)!.hash;

  test('is verified from its first report', () => {
    expect(verifyChain(texts, keys, { head })).toEqual({ ok: true, checked: 4, head, broken: null });
  });

  test.each([
    ['a gap', [0, 1, 3], 'gap', 2],
    ['reports in another order', [0, 2, 1, 3], 'gap', 1],
    ['the newest first', [3, 2, 1, 0], 'gap', 0],
    ['one twice', [0, 1, 1, 2], 'order', 2],
    ['one before its time', [1, 0], 'gap', 0],
    ['none of the first', [1, 2, 3], 'gap', 0],
  ])('with %s is broken', (_, order, code, at) => {
    const chosen = order.map((each) => texts[each]!);
    expect(verifyChain(chosen, keys).broken).toMatchObject({ code, at });
  });

  test('whose end was cut off is broken, where the end is known', () => {
    expect(verifyChain(texts.slice(0, 3), keys).ok).toBe(true);
    expect(verifyChain(texts.slice(0, 3), keys, { head }).broken).toMatchObject({ code: 'truncated', at: 3 });
    expect(verifyChain([], keys, { head }).broken).toMatchObject({ code: 'truncated' });
  });

  test('in which a report was exchanged for another genuine one is broken', () => {
    const previous = { id: reports[0]!.report.id, hash: reports[0]!.hash };
    const twin = sealReport(
      buildReport(sampleInput(2, { id: 'ev_twin', chain: { name: 'installation', sequence: 2, previous } })),
      key,
    );
    const exchanged = texts.with(1, toEvidenceJson(twin));
    expect(verifyChain(exchanged, keys).broken).toMatchObject({ code: 'link', at: 2 });
  });

  test('may be checked from a report that is known from before', () => {
    expect(verifyChain(texts.slice(2), keys, { since: reports[1]!.hash }).ok).toBe(true);
    expect(verifyChain(texts.slice(2), keys, { since: reports[0]!.hash }).broken?.code).toBe('link');
  });

  test('goes on with a new key, for who has both', () => {
    const next = signingKey(newSigningKey());
    const last = reports.at(-1)!;
    const report = buildReport(
      sampleInput(3, {
        keyId: next.id,
        chain: {
          name: 'installation',
          sequence: 5,
          previous: { id: last.report.id, hash: last.hash },
        },
      }),
    );
    const all = [...texts, toEvidenceJson(sealReport(report, next))];
    expect(verifyChain(all, keys).broken).toMatchObject({ code: 'key', at: 4 });
    expect(verifyChain(all, [...keys, verifyingKey(publicPem(next))]).ok).toBe(true);
  });
});

describe('files', () => {
  const html = evidenceHtml(reports[0]!);
  const pdf = Buffer.from('%PDF-1.7 whatever');
  const manifest = canonical(
    sealManifest(reports[0]!, [{ name: 'a.pdf', mediaType: 'application/pdf', content: pdf }], key),
  );
  const codes = (contents: readonly (string | Buffer)[]) =>
    verifyFiles(
      contents.map((content, at) => ({ name: String(at), content: Buffer.from(content) })),
      keys,
    ).map(({ ok, problems }) => (ok ? 'ok' : problems[0]!.code));

  test('are told by what they are', () => {
    expect(codes([first, html, pdf, manifest])).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(codes(['hello'])).toEqual(['form']);
  });

  test('a page whose text was changed is refused, although the JSON in it is genuine', () => {
    expect(signedReportIn(html)).toBe(first);
    expect(
      codes([html.replace('separation of the tenants held', 'separation of the tenants is perfect')]),
    ).toEqual(['page']);
  });

  test('a print is refused without a manifest, with a forged one, and when it was changed', () => {
    expect(codes([pdf])).toEqual(['manifest']);
    expect(codes([Buffer.concat([pdf, Buffer.from('x')]), manifest])).toEqual(['manifest', 'ok']);
    const forged = manifest.replace(sha256(pdf), sha256('other'));
    expect(codes([Buffer.from('%PDF-other'), forged])).toEqual(['manifest', 'signature']);
  });
});
