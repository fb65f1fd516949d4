import type { SignedReport } from '../types.ts';
import { appendix } from './appendix.ts';
import { attackSection } from './attacks.ts';
import { heading, type Block } from './block.ts';
import { checkSection } from './checks.ts';
import { controlSection } from './controls.ts';
import { faultSection } from './faults.ts';
import { exceptionSection, findingSection } from './findings.ts';
import { matrixSection } from './matrix.ts';
import { proofSection } from './proof.ts';
import { residualSection } from './residual.ts';
import { runSection } from './runs.ts';
import { scopeSection } from './scope.ts';
import { seriesSection } from './series.ts';
import { summary } from './summary.ts';

/** A report as a document: what every form of it shows, in its order. */
export interface Document {
  readonly title: string;
  readonly subtitle: string;
  readonly blocks: readonly Block[];
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** Lays a signed report out. Pure, and the same for the same report. */
export function documentOf(signed: SignedReport): Document {
  const { report } = signed;
  const sections: readonly Section[] = [
    { id: 'scope', title: 'Scope and population', blocks: scopeSection(report) },
    { id: 'runs', title: 'Runs and who ran them', blocks: runSection(report) },
    { id: 'findings', title: 'Findings', blocks: findingSection(report) },
    { id: 'exceptions', title: 'Exceptions', blocks: exceptionSection(report) },
    { id: 'checks', title: 'Catalog audit and rights oracle', blocks: checkSection(report) },
    { id: 'attacks', title: 'Attacks and positive controls', blocks: attackSection(report) },
    { id: 'faults', title: 'Fault injection', blocks: faultSection(report) },
    { id: 'matrix', title: 'Access matrix', blocks: matrixSection(report) },
    { id: 'series', title: 'Series of runs', blocks: seriesSection(report) },
    { id: 'residual', title: 'Residual risks', blocks: residualSection(report) },
    { id: 'controls', title: 'Evidence by control', blocks: controlSection(report) },
    { id: 'proof', title: 'Signature, chain and how to verify them', blocks: proofSection(signed) },
    ...appendix(report),
  ];
  const numbered = sections.map(({ id, title, blocks }, at) => ({
    id,
    title: `${at + 1}  ${title}`,
    blocks,
  }));
  return {
    title: 'Evidence of tenant isolation',
    subtitle:
      report.scope.kind === 'tenant'
        ? `Report for ${report.scope.tenant.name}`
        : `Report on the installation ${report.issuer.installation}`,
    blocks: [
      ...summary(signed),
      { kind: 'contents', entries: numbered.map(({ id, title }) => ({ id, text: title })) },
      ...numbered.flatMap(({ id, title, blocks }, at) =>
        [heading(1, title, id, at === 0 || id === 'population')].concat(blocks),
      ),
    ],
  };
}
