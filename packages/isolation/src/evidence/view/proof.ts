import type { SignedReport } from '../types.ts';
import { count, mono, paragraph, type Block } from './block.ts';

/** The hash, the signature, the report before, and what to type to check them. */
export function proofSection({ report, hash, signature }: SignedReport): readonly Block[] {
  const { previous, sequence, name } = report.chain;
  return [
    paragraph(
      'What is signed is the report as JSON in its canonical form (RFC 8785). Pages and prints are made of it. The signature shows that the JSON is as it was issued, and by the holder of which key; the chain shows that no report before it was removed or exchanged.',
    ),
    {
      kind: 'facts',
      rows: [
        ['Report', mono(report.id)],
        ['SHA-256 of the JSON', mono(hash)],
        ['Signature (Ed25519)', mono(signature.value)],
        ['Key', mono(signature.keyId)],
        ['Chain', `${name}, report ${count(sequence)}`],
        [
          'Report before',
          previous === null ? 'none: this is the first' : mono(`${previous.id}  ${previous.hash}`),
        ],
        ['Issued with', `${report.issuer.software} ${report.issuer.version}`],
      ],
    },
    { kind: 'heading', level: 2, text: 'How to verify' },
    paragraph(
      'You need the JSON file, the public key, and no connection to anything. Get the key once, from the person who is responsible for the installation, and compare its fingerprint over a second channel. The page and the print are checked with the manifest that was issued with them.',
    ),
    {
      kind: 'code',
      text: [
        'tenantry evidence verify report.json --key public-key.pem',
        'tenantry evidence verify report.json report.html report.pdf manifest.json --key public-key.pem',
        '',
        '# with standard tools only',
        'jq -cjS .report report.json > report.canonical',
        'sha256sum report.canonical',
        'jq -r .signature.value report.json | base64 -d > report.signature',
        'openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in report.canonical -sigfile report.signature',
        '',
        '# the fingerprint of the key',
        'openssl pkey -pubin -in public-key.pem -outform der | sha256sum',
      ].join('\n'),
    },
  ];
}
