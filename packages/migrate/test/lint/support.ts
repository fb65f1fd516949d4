import { lintFiles } from '../../src/lint/files.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { LintFile, LintFilesOptions, LintReport } from '../../src/lint/options.ts';

export const SCHEMA = 'app';

/** Texts as migrations V1, V2, … */
export function versions(texts: readonly string[]): readonly LintFile[] {
  return texts.map((sql, i) => ({ kind: 'versioned', version: `${i + 1}`, script: `V${i + 1}__x.sql`, sql }));
}

export function lintTexts(
  texts: readonly string[],
  options: Partial<LintFilesOptions> = {},
): Promise<LintReport> {
  return lintFiles(versions(texts), { schemas: [SCHEMA], ...options });
}

/** The rules of findings, each once, in order. */
export function codes(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))];
}

/** The rules that a pending migration breaks behind applied ones. */
export async function broken(
  setup: string,
  text: string,
  options: Partial<LintFilesOptions> = {},
): Promise<string[]> {
  const { findings } = await lintTexts([setup, text], { appliedUpTo: '1', ...options });
  return codes(findings.filter(({ suppression }) => suppression === null));
}
