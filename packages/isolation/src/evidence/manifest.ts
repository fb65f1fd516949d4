import { canonical, sha256 } from './canonical.ts';
import type { SigningKey } from './keys.ts';
import type { SignedReport } from './types.ts';

export const manifestFormat = 'tenantry-evidence-manifest/1';

/** A form of a report, as a file. */
export interface ManifestFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Which files were made of a report: what is printed cannot carry a hash of itself. */
export interface Manifest {
  readonly format: typeof manifestFormat;
  readonly report: { readonly id: string; readonly hash: string };
  readonly keyId: string;
  readonly files: readonly ManifestFile[];
}

export interface SignedManifest {
  readonly manifest: Manifest;
  readonly signature: SignedReport['signature'];
}

/** Signs which files belong to a report. */
export function sealManifest(
  { report: { id }, hash }: SignedReport,
  files: readonly { readonly name: string; readonly mediaType: string; readonly content: Uint8Array }[],
  key: SigningKey,
): SignedManifest {
  const manifest: Manifest = {
    format: manifestFormat,
    report: { id, hash },
    keyId: key.id,
    files: files.map(({ name, mediaType, content }) => ({
      name,
      mediaType,
      bytes: content.byteLength,
      sha256: sha256(content),
    })),
  };
  return {
    manifest,
    signature: { algorithm: 'Ed25519', keyId: key.id, value: key.sign(canonical(manifest)) },
  };
}
