import type { Finding } from '../finding.ts';
import type { LintReport } from '../options.ts';
import { countFindings } from './json.ts';

/**
 * A report for people: a block for each finding, a line of counts at the end. What a comment switched off is counted
 * only.
 *
 * @example
 * ```text
 * V13__index.sql:3:1  warning  index-blocks-writes  (SHARE lock)
 *   CREATE INDEX keeps everybody from writing to "orders" until it is built
 *   instead: CREATE INDEX CONCURRENTLY, alone in its file. …
 *
 * 0 errors, 1 warning, 0 notes in 2 files; 1 switched off
 * ```
 */
export function toLintTable({ findings, files }: LintReport): string {
  const blocks = findings.filter(({ suppression }) => suppression === null).map(block);
  const { error, warning, info, suppressed } = countFindings(findings);
  const counts = [many(error, 'error'), many(warning, 'warning'), many(info, 'note')].join(', ');
  const off = suppressed === 0 ? '' : `; ${suppressed} switched off`;
  return [...blocks, `${counts} in ${many(files, 'file')}${off}\n`].join('\n');
}

function block({ script, line, region, severity, rule, lock, message, instead }: Finding): string {
  const place = region === null ? `${script}:${line}` : `${script}:${line}:${region.column}`;
  const held = lock === null ? '' : `  (${lock} lock)`;
  return `${place}  ${severity}  ${rule}${held}\n  ${message}\n  instead: ${instead.replaceAll('`', '')}\n`;
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
