import type { EvidenceControl } from '../types.ts';
import { gdpr } from './gdpr.ts';
import { iso } from './iso.ts';
import { pci } from './pci.ts';
import { pieces, type Clause, type Piece } from './piece.ts';
import { soc2 } from './soc2.ts';

export { pieces, type Clause, type Piece } from './piece.ts';

/** Every clause that a report speaks of. */
export const clauses: readonly Clause[] = [...soc2, ...gdpr, ...iso, ...pci];

/** The clauses with what this report holds for each; an auditor judges whether that is enough. */
export function evidenceByControl(present: ReadonlySet<Piece>): readonly EvidenceControl[] {
  return clauses.map(({ framework, clause, title, shows, doesNotShow, rests }) => ({
    framework,
    clause,
    title,
    shows,
    doesNotShow,
    pieces: rests.map((piece) => ({ piece: pieces[piece], present: present.has(piece) })),
  }));
}
