import type { RunResult } from '../result.ts';
import { toJson } from './json.ts';
import { toJunit } from './junit.ts';
import { toSarif, type SarifOptions } from './sarif.ts';
import { toTable, type TableOptions } from './table.ts';

export { fromJson } from './json.ts';
export { toJson, toJunit, toSarif, toTable, type SarifOptions, type TableOptions };

/** The formats of a run. */
export const reportFormats = ['table', 'json', 'sarif', 'junit'] as const;

export type ReportFormat = (typeof reportFormats)[number];

/** A run in one of the formats. */
export function render(
  result: RunResult,
  format: ReportFormat,
  options: TableOptions & SarifOptions = {},
): string {
  switch (format) {
    case 'table':
      return toTable(result, options);
    case 'json':
      return toJson(result);
    case 'sarif':
      return toSarif(result, options);
    case 'junit':
      return toJunit(result);
  }
}
