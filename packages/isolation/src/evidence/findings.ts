import { fingerprintOf, severities, type Finding } from '../finding.ts';
import { problemsOf } from '../result.ts';
import type { EvidenceInput, StoredAcceptance } from './input.ts';
import type { EvidenceException, EvidenceFinding } from './types.ts';

/** What is open: findings of the registry of findings, and those that only the runs know. */
export function findingsOf(input: EvidenceInput): readonly EvidenceFinding[] {
  const accepted = new Set([...acceptedIn(input), ...(input.exceptions ?? [])].map(fingerprintOf));
  const open = new Map<string, EvidenceFinding>();
  for (const finding of input.findings ?? []) open.set(fingerprintOf(finding), plain(finding));
  for (const { result } of input.runs)
    for (const problem of problemsOf(result)) {
      const key = fingerprintOf(problem);
      if (open.has(key) || accepted.has(key)) continue;
      open.set(key, plain({ ...problem, firstSeenAt: result.startedAt, lastSeenAt: result.startedAt }));
    }
  return [...open.values()].toSorted(worstFirst);
}

/** What was found and accepted, with who did and until when. */
export function exceptionsOf(input: EvidenceInput): readonly EvidenceException[] {
  if (input.exceptions !== undefined) return input.exceptions.toSorted(worstFirst);
  const seen = new Map<string, EvidenceException>();
  for (const finding of acceptedIn(input)) {
    const known = acceptanceOf(finding, input.acceptances);
    seen.set(fingerprintOf(finding), {
      ...plain({ ...finding, firstSeenAt: null, lastSeenAt: null }),
      reason: known?.reason ?? 'Accepted in the configuration of the run, which gives no reason.',
      acceptedBy: known?.acceptedBy ?? null,
      acceptedAt: known?.acceptedAt ?? null,
      until: known?.until ?? null,
    });
  }
  return [...seen.values()].toSorted(worstFirst);
}

/** Findings that the runs have put apart, and those of them that somebody has accepted since. */
function acceptedIn({ runs, acceptances, issuedAt }: EvidenceInput): readonly Finding[] {
  const agreed = runs.flatMap(({ result }) => result.accepted);
  const since = runs
    .flatMap(({ result }) => problemsOf(result))
    .filter((finding) => acceptances.some((each) => isSame(each, finding) && !isOver(each, issuedAt)));
  return [...agreed, ...since];
}

function acceptanceOf(finding: Finding, all: readonly StoredAcceptance[]): StoredAcceptance | undefined {
  return all.find((each) => isSame(each, finding));
}

function isSame({ check, subject }: StoredAcceptance, finding: Finding): boolean {
  if (check !== finding.check) return false;
  // Stored ones name the subject; those of a file are a pattern for it.
  return subject === finding.subject || fits(subject, finding.subject);
}

function fits(pattern: string, subject: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(subject);
  } catch {
    // No pattern, but a subject with brackets in it, and another one.
    return false;
  }
}

function isOver({ until }: StoredAcceptance, at: string): boolean {
  return until !== null && until <= at;
}

function plain({
  check,
  subject,
  tenant,
  severity,
  message,
  remediation,
  firstSeenAt,
  lastSeenAt,
}: EvidenceFinding): EvidenceFinding {
  return { check, subject, tenant, severity, message, remediation, firstSeenAt, lastSeenAt };
}

function worstFirst(a: EvidenceFinding, b: EvidenceFinding): number {
  const rank = severities.indexOf(a.severity) - severities.indexOf(b.severity);
  if (rank !== 0) return rank;
  const [one, other] = [`${a.check}\0${a.subject}`, `${b.check}\0${b.subject}`];
  return one < other ? -1 : Number(one > other);
}
