import type { IsolationFinding } from './options.ts';

/**
 * An application that is not isolated, or was not checked. An assertion to every test runner: `actual` holds the findings, and
 * `expected` is empty.
 */
export class IsolationError extends Error {
  override readonly name = 'IsolationError';
  readonly code: 'ISOLATION_BROKEN' | 'ISOLATION_UNCHECKED';
  readonly findings: readonly IsolationFinding[];
  readonly actual: readonly string[];
  readonly expected: readonly string[] = [];

  constructor(findings: readonly IsolationFinding[]) {
    const lines = findings.map(lineOf);
    const broken = findings.some(({ kind }) => kind !== 'blind');
    const title = broken
      ? 'The application does not keep two tenants apart'
      : 'The check could not have failed';
    super(`${title}:\n${lines.slice(0, shown).join('\n')}${more(lines.length)}`);
    this.code = broken ? 'ISOLATION_BROKEN' : 'ISOLATION_UNCHECKED';
    this.findings = findings;
    this.actual = lines;
  }
}

const shown = 12;

function more(count: number): string {
  return count > shown ? `\n… and ${count - shown} more` : '';
}

function lineOf({ kind, route, caller, of, how, detail }: IsolationFinding): string {
  const where = `${route} as ${caller} (${how})`;
  switch (kind) {
    case 'leak':
      return `- ${where}: the answer holds data of ${of}: ${detail}`;
    case 'write':
      return `- ${where}: it changed data of ${of}: ${detail}`;
    case 'blind':
      return `- ${where}: ${detail}`;
  }
}
