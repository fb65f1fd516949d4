import { Type, type Static } from 'typebox';
import { Cursor, GivenTimestamp, Limit, Nullable, OneOf, Page, Timestamp } from './common.ts';

/** What a report comes to. `incomplete`: nothing was found, and something that was due was not looked at. */
export const evidenceOutcomes = ['held', 'findings', 'incomplete'] as const;
export type EvidenceOutcome = (typeof evidenceOutcomes)[number];

export const evidenceFormats = ['json', 'html', 'pdf', 'manifest'] as const;
export type EvidenceFormat = (typeof evidenceFormats)[number];

/** A report that was issued. It is never changed and never deleted; what it says is in its document. */
export const Evidence = Type.Object(
  {
    id: Type.String({ description: 'ev_ and 16 characters' }),
    chain: Type.String({ description: 'installation, or the id of the tenant that it is for' }),
    sequence: Type.Integer({ description: 'Position in its chain, without gaps, from 1' }),
    tenantId: Nullable(Type.String({ description: 'The tenant that it is for; null: the installation' })),
    outcome: OneOf(evidenceOutcomes),
    headline: Type.String(),
    findings: Type.Integer({ description: 'Open ones' }),
    exceptions: Type.Integer(),
    from: Timestamp,
    to: Timestamp,
    issuedAt: Timestamp,
    issuedBy: Type.String(),
    keyId: Type.String(),
    hash: Type.String({ description: 'SHA-256 of the report: what the next one of the chain names' }),
    previousHash: Nullable(Type.String()),
  },
  { $id: 'Evidence' },
);
export type Evidence = Static<typeof Evidence>;

export const EvidencePage = Page(Evidence);
export type EvidencePage = Static<typeof EvidencePage>;

export const IssueEvidence = Type.Object(
  {
    tenant: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'A report for this tenant, by id or slug, without a word about others',
      }),
    ),
    from: Type.Optional(GivenTimestamp),
    to: Type.Optional(GivenTimestamp),
  },
  { additionalProperties: false },
);
export type IssueEvidence = Static<typeof IssueEvidence>;

export const ListEvidence = Type.Object(
  {
    tenant: Type.Optional(
      Type.String({ maxLength: 300, description: 'Those for this tenant, by id or slug' }),
    ),
    cursor: Cursor,
    limit: Limit,
  },
  { additionalProperties: false },
);
export type ListEvidence = Static<typeof ListEvidence>;

export const EvidenceRef = Type.Object({
  report: Type.String({ maxLength: 40, description: 'Id of a report' }),
});

export const GetEvidence = Type.Object(
  {
    format: Type.Optional(
      OneOf(
        evidenceFormats,
        'json, the signed report, if absent; manifest: hashes of the other forms, signed',
      ),
    ),
  },
  { additionalProperties: false },
);
export type GetEvidence = Static<typeof GetEvidence>;

export const EvidenceKey = Type.Object({
  id: Type.String({ description: 'SHA256: and the fingerprint of the public key (SPKI, DER)' }),
  algorithm: OneOf(['Ed25519'] as const),
  publicKey: Type.String({ description: 'PEM' }),
  createdAt: Timestamp,
  current: Type.Boolean({ description: 'The one that this control plane signs with' }),
});
export type EvidenceKey = Static<typeof EvidenceKey>;

export const EvidenceKeyList = Type.Object({ items: Type.Array(EvidenceKey) });
export type EvidenceKeyList = Static<typeof EvidenceKeyList>;

export const VerifyEvidence = Type.Object(
  {
    tenant: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'The chain of this tenant; of the installation if absent',
      }),
    ),
    head: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        description: 'Hash of the newest report, noted elsewhere: shows that none was cut off',
      }),
    ),
  },
  { additionalProperties: false },
);
export type VerifyEvidence = Static<typeof VerifyEvidence>;

export const EvidenceVerification = Type.Object({
  ok: Type.Boolean(),
  chain: Type.String(),
  checked: Type.Integer({ description: 'Reports that are in order' }),
  head: Nullable(Type.String({ description: 'Hash of the last report: note it elsewhere' })),
  broken: Nullable(
    Type.Object({
      id: Nullable(Type.String()),
      problem: Type.String({ description: 'As changed, signature, key, gap, order, link, truncated' }),
      message: Type.String(),
    }),
  ),
});
export type EvidenceVerification = Static<typeof EvidenceVerification>;

export const GetAccessMatrix = Type.Object(
  {
    cell: Type.Optional(Type.String({ maxLength: 63, description: 'Name of a cell; all if absent' })),
    format: Type.Optional(OneOf(['json', 'csv'] as const, 'json if absent')),
  },
  { additionalProperties: false },
);
export type GetAccessMatrix = Static<typeof GetAccessMatrix>;
