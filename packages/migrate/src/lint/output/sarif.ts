import { RULES } from '../catalog.ts';
import type { Rule } from '../catalog.ts';
import type { Finding } from '../finding.ts';
import type { LintReport } from '../options.ts';
import type { FindingSeverity } from '../rule.ts';

export interface SarifOptions {
  /** Version of the tool, as `1.2.3`. Left out: not said. */
  readonly toolVersion?: string | undefined;
  /** Absolute address of the page of the rules; a rule's help is at `#` and its code. Left out: no links. */
  readonly docsUrl?: string | undefined;
  /** Directory that the paths of the files are made relative to, for viewers that show them beside the code. */
  readonly root?: string | undefined;
}

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  FindingSeverity,
  string
>;

/**
 * A report as SARIF 2.1.0, which GitHub, GitLab and editors show beside the code. What a comment switched off is there
 * with `suppressions`, so that viewers list it as dismissed.
 *
 * @example
 * ```ts
 * await writeFile('lint.sarif', JSON.stringify(toSarif(report, { root: process.cwd() })));
 * ```
 */
export function toSarif(report: LintReport, options: SarifOptions = {}): SarifLog {
  const driver: SarifDriver = {
    name: 'tenantry-lint',
    ...(options.toolVersion === undefined ? {} : { semanticVersion: options.toolVersion }),
    rules: RULES.map((rule) => describeRule(rule, options.docsUrl)),
  };
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        columnKind: 'utf16CodeUnits',
        results: report.findings.map((finding) => resultOf(finding, options.root)),
      },
    ],
  };
}

/** The parts of a SARIF log that `toSarif` writes. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly {
    readonly tool: { readonly driver: SarifDriver };
    readonly columnKind: 'utf16CodeUnits';
    readonly results: readonly SarifResult[];
  }[];
}

export interface SarifDriver {
  readonly name: string;
  readonly semanticVersion?: string;
  readonly rules: readonly SarifRule[];
}

export interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help: { readonly text: string; readonly markdown: string };
  readonly helpUri?: string;
  readonly defaultConfiguration: { readonly enabled: boolean; readonly level: 'error' | 'warning' | 'note' };
  readonly properties: { readonly tags: readonly string[]; readonly lock?: string };
}

export interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: {
        readonly startLine: number;
        readonly startColumn?: number;
        readonly endLine?: number;
        readonly endColumn?: number;
      };
    };
  }[];
  readonly suppressions?: readonly {
    readonly kind: 'inSource';
    readonly status: 'accepted';
    readonly justification: string;
  }[];
}

function describeRule(rule: Rule, docsUrl: string | undefined): SarifRule {
  const { code, title, why, instead, good, bad, severity, category, lock } = rule;
  const better = good.join('\n-- in the next file\n').trimEnd();
  return {
    id: code,
    shortDescription: { text: plain(title) },
    fullDescription: { text: plain(`${why} ${instead}`) },
    help: {
      text: plain(`${why}\n\nInstead of\n\n${bad}\n\nwrite\n\n${better}\n\n${instead}`),
      markdown: `${why}\n\nInstead of\n\n\`\`\`sql\n${bad}\n\`\`\`\n\nwrite\n\n\`\`\`sql\n${better}\n\`\`\`\n\n${instead}`,
    },
    ...(docsUrl === undefined ? {} : { helpUri: `${docsUrl}#${code}` }),
    defaultConfiguration: { enabled: category !== 'style', level: LEVELS[severity] },
    properties: { tags: [category], ...(lock === null ? {} : { lock }) },
  };
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

function resultOf(finding: Finding, root: string | undefined): SarifResult {
  const { rule, severity, message, instead, path, line, region, suppression } = finding;
  const place =
    region === null
      ? { startLine: line }
      : { startLine: line, startColumn: region.column, endLine: region.endLine, endColumn: region.endColumn };
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ code }) => code === rule),
    level: LEVELS[severity],
    message: { text: `${message}. ${plain(instead)}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path, root) }, region: place } }],
    ...(suppression === null
      ? {}
      : {
          suppressions: [
            { kind: 'inSource', status: 'accepted', justification: suppression.reason },
          ] as const,
        }),
  };
}

/** A relative reference of a URI, `/` between the parts; a path outside of the root stays absolute. */
function uriOf(path: string, root: string | undefined): string {
  const slashes = path.replaceAll('\\', '/');
  const base = root?.replaceAll('\\', '/').replace(/\/*$/, '/');
  const relative = base !== undefined && slashes.startsWith(base) ? slashes.slice(base.length) : slashes;
  const encoded = relative.split('/').map(encodeURIComponent).join('/');
  return encoded.startsWith('/') ? `file://${encoded}` : encoded;
}
