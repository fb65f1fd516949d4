import type { AttackResult } from '../attacks/result.ts';
import { findingOfAttack, type RunResult } from '../result.ts';
import { count } from './text.ts';

interface Case {
  readonly name: string;
  readonly className: string;
  readonly seconds: number;
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string } | undefined;
  readonly skipped?: string | undefined;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** JUnit's XML as GitLab and most build servers read it: a suite for each family of checks and each way that was attacked. */
export function toJunit(result: RunResult): string {
  const suites = [...checkSuites(result), ...attackSuites(result), ...proofSuites(result)];
  const cases = suites.flatMap((suite) => suite.cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tenantry-isolation" ${totals(cases)} timestamp="${xml(result.startedAt)}">`,
    ...suites.map((suite) => suiteXml(suite, result)),
    '</testsuites>',
    '',
  ].join('\n');
}

function checkSuites({ checks, findings }: RunResult): readonly Suite[] {
  const families = [...new Set(checks.map(({ check }) => check.family))];
  return families.map((family) => ({
    name: `catalog audit: ${family}`,
    cases: checks
      .filter(({ check }) => check.family === family)
      .map(({ check }) => {
        const own = findings.filter((finding) => finding.check === check.id);
        return {
          name: `${check.id}: ${check.title}`,
          className: `isolation.audit.${family}`,
          seconds: 0,
          failure:
            own.length === 0
              ? undefined
              : {
                  type: check.severity,
                  message:
                    own.length === 1
                      ? own[0]!.message
                      : `${count(own.length, 'finding')}, the first: ${own[0]!.message}`,
                  text: own
                    .map((each) =>
                      [each.severity, each.subject, each.message, each.remediation ?? check.remediation].join(
                        '\n',
                      ),
                    )
                    .join('\n\n'),
                },
        };
      }),
  }));
}

function attackSuites({ attacks }: RunResult): readonly Suite[] {
  // What succeeds on a control is judged as a whole, below: a red mark for each would be read as a leak.
  const targets = [...new Set(attacks.flatMap(({ kind, target }) => (kind === 'control' ? [] : [target])))];
  return targets.map((target) => ({
    name: `attacks: ${target}`,
    cases: attacks.filter((each) => each.target === target).map(attackCase),
  }));
}

function attackCase(result: AttackResult): Case {
  const [finding] = findingOfAttack(result);
  return {
    name: `${result.attack}: ${result.title} (${result.level})`,
    className: `isolation.attacks.${result.target}`,
    seconds: result.tookMs / 1000,
    skipped: result.verdict === 'skipped' ? (result.message ?? 'Not applicable.') : undefined,
    failure: finding && {
      type: finding.severity,
      message: finding.message,
      text: [
        ...result.steps,
        `Expected: ${result.expected.join(' or ')}. Answer: ${result.state ?? ''}`,
        result.message ?? '',
      ].join('\n'),
    },
  };
}

function proofSuites({ controls, faults }: RunResult): readonly Suite[] {
  const suites: Suite[] = [];
  if (controls.length > 0) {
    suites.push({
      name: 'positive controls',
      cases: controls.map(({ control, expected, missed, ok }) => ({
        name: `${control}: ${expected} attacks succeed`,
        className: 'isolation.controls',
        seconds: 0,
        failure: ok
          ? undefined
          : {
              type: 'high',
              message: `${missed.length} of ${expected} did not succeed`,
              text: missed.join('\n'),
            },
      })),
    });
  }
  if (faults !== null) {
    suites.push({
      name: 'fault injection',
      cases: [
        ...faults.missed.map(({ id, title }) => ({
          name: `${id}: ${title}`,
          className: 'isolation.faults',
          seconds: 0,
          failure: { type: 'high', message: 'Nobody noticed it.', text: title },
        })),
        ...faults.skipped.map(({ id, title, reason }) => ({
          name: `${id}: ${title}`,
          className: 'isolation.faults',
          seconds: 0,
          skipped: reason,
        })),
        {
          name: `${faults.found} of ${faults.total} faults were found`,
          className: 'isolation.faults',
          seconds: 0,
        },
      ],
    });
  }
  return suites;
}

function suiteXml({ name, cases }: Suite, { startedAt, server }: RunResult): string {
  return [
    `  <testsuite name="${xml(name)}" ${totals(cases)} timestamp="${xml(startedAt)}" hostname="${xml(server.database)}">`,
    ...cases.map(caseXml),
    '  </testsuite>',
  ].join('\n');
}

function caseXml({ name, className, seconds, failure, skipped }: Case): string {
  const head = `    <testcase name="${xml(name)}" classname="${xml(className)}" time="${seconds.toFixed(3)}"`;
  if (failure)
    return `${head}>\n      <failure type="${xml(failure.type)}" message="${xml(failure.message)}">${xml(failure.text)}</failure>\n    </testcase>`;
  if (skipped !== undefined) return `${head}>\n      <skipped message="${xml(skipped)}"/>\n    </testcase>`;
  return `${head}/>`;
}

function totals(cases: readonly Case[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0).toFixed(3);
  return `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}"`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** For attributes and text; what XML 1.0 has no way to write becomes U+FFFD. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"'\n\t]/g, (char) => entities[char]!);
}
