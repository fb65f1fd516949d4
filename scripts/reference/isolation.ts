import {
  catalogChecks,
  faultFamilies,
  faults,
  oracleChecks,
  type Check,
} from '../../packages/isolation/src/index.ts';
import { code, plain, table } from './markdown.ts';

/** Every check of the audit and the oracle, family by family. */
export function renderIsolationChecks(): string {
  const all = [...catalogChecks, ...oracleChecks];
  const families = [...new Set(all.map(({ family }) => family))];
  return [
    `${catalogChecks.length} checks of the catalog audit and ${oracleChecks.length} questions of the rights oracle. [Isolation, verified](../isolation-verification.md) says how they are used. A finding has the id of its check, a subject, and, where there is one, the statement that mends it.`,
    ...families.map((family) =>
      [`## ${family}`, ...all.filter((check) => check.family === family).map(checkText)].join('\n\n'),
    ),
  ].join('\n\n');
}

function checkText({ id, title, proves, severity, controls, remediation }: Check): string {
  return [
    `### ${code(id)}`,
    `${plain(title)}.`,
    table(
      ['', ''],
      [
        ['proves', plain(proves)],
        ['severity, at worst', severity],
        ['when it is found', plain(remediation)],
        ['evidence for', controls.join(', ')],
      ],
    ),
  ].join('\n\n');
}

/** Every fault that is put in, family by family. */
export function renderIsolationFaults(): string {
  return [
    `${faults.length} faults in ${faultFamilies.length} families. \`tenantry isolation faults\` puts each into a copy, by itself, looks whether a new finding names it, and takes it back.`,
    ...faultFamilies.map((family) => {
      const own = faults.filter((fault) => fault.family === family);
      const rows = own.map(({ id, title, unseen }) => [
        code(id),
        `${plain(title.replaceAll(/[{}]/g, ''))}${unseen === null ? '' : `. **Cannot be noticed:** ${plain(unseen)}`}`,
      ]);
      return [`## ${family} (${own.length})`, table(['id', 'what is wrong then'], rows)].join('\n\n');
    }),
  ].join('\n\n');
}
