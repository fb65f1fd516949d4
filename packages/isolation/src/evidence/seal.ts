import { canonical, sha256 } from './canonical.ts';
import type { SigningKey } from './keys.ts';
import type { EvidenceReport, SignedReport } from './types.ts';

/** Signs a report; `report.keyId` must be the key's. */
export function sealReport(report: EvidenceReport, key: SigningKey): SignedReport {
  if (report.keyId !== key.id)
    throw new TypeError('The report names another key than the one that signs it.');
  const text = canonical(report);
  return {
    report,
    hash: sha256(text),
    signature: { algorithm: 'Ed25519', keyId: key.id, value: key.sign(text) },
  };
}

/** The file of a signed report: canonical JSON and nothing around it, so that every byte of it counts. */
export function toEvidenceJson(signed: SignedReport): string {
  return canonical(signed);
}
