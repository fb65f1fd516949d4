import { attacks as catalogue, httpAttacks, sharedAttacks } from '../attacks/index.ts';
import { fingerprintOf, type Check, type Finding, type Severity } from '../finding.ts';
import { problemsOf, type RunResult } from '../result.ts';
import { printable } from './text.ts';

export interface SarifOptions {
  /** Path in the repository that alerts are shown at: a database has none, and GitHub wants one. Default `tenantry-isolation.json`. */
  readonly location?: string;
}

/** GitHub sorts alerts by it: above 9 critical, from 7 high, from 4 medium. */
const securitySeverity: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
};
const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

interface Rule {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly help: string;
  readonly severity: Severity;
  readonly tags: readonly string[];
}

/** SARIF 2.1.0, as GitHub's code scanning takes it. What was found and what was asked, but nothing that passed. */
export function toSarif(
  result: RunResult,
  { location = 'tenantry-isolation.json' }: SarifOptions = {},
): string {
  const problems = problemsOf(result);
  const rules = rulesOf(result, problems);
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: result.tool.name,
            semanticVersion: result.tool.version,
            rules: rules.map(sarifRule),
          },
        },
        automationDetails: { id: `tenantry-isolation/${result.server.database}/` },
        invocations: [
          { executionSuccessful: true, startTimeUtc: result.startedAt, endTimeUtc: result.finishedAt },
        ],
        properties: { server: result.server, population: result.population },
        results: problems.map((problem) => sarifResult(problem, index.get(problem.check)!, location)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rulesOf({ checks }: RunResult, problems: readonly Finding[]): readonly Rule[] {
  const known = checks.map(({ check }) => ruleOfCheck(check));
  const rest = [...new Set(problems.map(({ check }) => check))].filter(
    (id) => !known.some((rule) => rule.id === id),
  );
  return [
    ...known,
    ...rest.map((id) =>
      ruleOfAttack(
        id,
        problems.find(({ check }) => check === id)!,
      ),
    ),
  ];
}

function ruleOfCheck({ id, title, proves, remediation, severity, controls }: Check): Rule {
  return {
    id,
    title,
    description: proves,
    help: remediation,
    severity,
    tags: ['security', 'isolation', ...controls],
  };
}

function ruleOfAttack(id: string, { severity, message }: Finding): Rule {
  const request = [...httpAttacks, ...sharedAttacks].find((each) => `attack.${each.id}` === id);
  if (request !== undefined || id.startsWith('attack.http.')) {
    const name = `Attack over HTTP: ${request?.title ?? 'the two tenants themselves'}`;
    const allowed = 'An answer may hold nothing of another tenant, whatever the request says.';
    return {
      id,
      title: name,
      description: name,
      help: allowed,
      severity,
      tags: ['security', 'isolation', 'attack'],
    };
  }
  const attack = catalogue.find((each) => `attack.${each.id}` === id);
  const title =
    attack === undefined ? 'Proof that the checks can fail' : `Attack ${attack.level}: ${attack.title}`;
  const help = attack === undefined ? message : `PostgreSQL has to answer ${attack.expected.join(' or ')}.`;
  return { id, title, description: title, help, severity, tags: ['security', 'isolation', 'attack'] };
}

function sarifRule({ id, title, description, help, severity, tags }: Rule) {
  return {
    id,
    name: id.replaceAll(/(?:^|[^a-zA-Z0-9])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: description },
    help: { text: help, markdown: help },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags, precision: 'very-high', 'security-severity': securitySeverity[severity] },
  };
}

function sarifResult(problem: Finding, ruleIndex: number, location: string) {
  const { check, subject, tenant, severity, message, evidence, remediation } = problem;
  const text = remediation === null ? message : `${message}\n\n${remediation}`;
  return {
    ruleId: check,
    ruleIndex,
    level: levels[severity],
    message: { text: printable(text) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: location }, region: { startLine: 1 } },
        logicalLocations: [
          { fullyQualifiedName: printable(subject), ...(tenant === null ? {} : { name: printable(tenant) }) },
        ],
      },
    ],
    partialFingerprints: { 'tenantryFinding/v1': fingerprintOf(problem) },
    properties: { severity, tenant, evidence },
  };
}
