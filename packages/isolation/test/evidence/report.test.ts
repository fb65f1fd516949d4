import { describe, expect, test } from 'vitest';
import {
  buildReport,
  clauses,
  evidenceHtml,
  sealReport,
  type EvidenceInput,
} from '../../src/evidence/index.ts';
import { seriesOf } from '../../src/evidence/series.ts';
import { finding } from '../report/sample.ts';
import { key, resultOf, sampleInput } from './sample.ts';

const period = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T12:00:00.000Z' };

function withRun(changes: Partial<EvidenceInput['runs'][number]['result']>): EvidenceInput {
  const input = sampleInput(3);
  return { ...input, runs: [{ ...input.runs[0]!, result: { ...resultOf(3), ...changes } }] };
}

describe('the verdict', () => {
  test('is that it held, where everything was looked at and nothing found', () => {
    expect(buildReport(sampleInput(3)).verdict).toMatchObject({ outcome: 'held', missing: [] });
  });

  test.each<[string, Partial<EvidenceInput['runs'][number]['result']>, RegExp]>([
    ['attacks', { attacks: [], controls: [] }, /No attack/],
    ['checks', { checks: [] }, /read the catalogs/],
    ['faults', { faults: null }, /No fault injection/],
    ['positive controls', { controls: [] }, /No positive control/],
    ['a lane', { notes: ['The lane leased was not attacked.'] }, /leased was not attacked/],
  ])('is never that it held without %s', (_, changes, missing) => {
    const { outcome, missing: told } = buildReport(withRun(changes)).verdict;
    expect(outcome).toBe('incomplete');
    expect(told.join(' ')).toMatch(missing);
  });

  test('names findings: of the audit, of attacks that were not refused, and of controls that were not hit', () => {
    expect(buildReport(withRun({ findings: [finding] })).verdict.outcome).toBe('findings');
    const [attack] = resultOf(3).attacks;
    const hit = { ...attack!, verdict: 'hit', state: '00000' } as const;
    expect(buildReport(withRun({ attacks: [hit] })).findings[0]).toMatchObject({ severity: 'critical' });
    const control = { control: 'search_path', expected: 2, hit: 1, missed: ['x'], ok: false } as const;
    expect(buildReport(withRun({ controls: [control] })).verdict.outcome).toBe('findings');
  });

  test('is not that it held where the databases have other tenants than the registry', () => {
    const differences = ['1 schema on the cell default is not in the registry: t_x.'];
    const { verdict, population } = buildReport(
      sampleInput(3, { counted: [{ cell: 'default', found: 3, differences }] }),
    );
    expect(population).toMatchObject({ registered: 3, found: 3, reconciled: false });
    expect(verdict).toMatchObject({ outcome: 'incomplete', missing: differences });
  });
});

describe('exceptions', () => {
  const accepted = {
    check: finding.check,
    subject: finding.subject,
    reason: 'moved in spring',
    acceptedBy: 'Jane (user)',
    acceptedAt: '2026-02-01T00:00:00.000Z',
    until: '2026-05-01T00:00:00.000Z',
  };

  test('stand with their reason, approver and end, and are no findings', () => {
    const report = buildReport({ ...withRun({ findings: [finding] }), acceptances: [accepted] });
    expect(report.findings).toEqual([]);
    expect(report.exceptions).toMatchObject([
      { reason: 'moved in spring', acceptedBy: 'Jane (user)', until: accepted.until },
    ]);
  });

  test('are findings again after their end', () => {
    const over = { ...accepted, until: '2026-02-28T00:00:00.000Z' };
    const report = buildReport({ ...withRun({ findings: [finding] }), acceptances: [over] });
    expect([report.findings.length, report.exceptions.length]).toEqual([1, 0]);
  });
});

describe('the series of runs', () => {
  const at = (minutes: number) => new Date(Date.parse(period.from) + minutes * 60_000).toISOString();
  const series = (minutes: readonly number[], since: string | null = null) =>
    seriesOf(
      minutes.map((each) => ({ cell: 'default', kind: 'audit', finishedAt: at(each), ok: true })),
      [{ kind: 'audit', everySeconds: 3600 }],
      [{ cell: 'default', since }],
      period,
    )[0]!;
  const hourly = Array.from({ length: 12 }, (_, hour) => hour * 60 + 30);

  test('has no gap while runs come when they are due, or a little late', () => {
    expect(series(hourly)).toMatchObject({ runs: 12, gaps: [], longestIntervalSeconds: 3600 });
  });

  test.each([
    ['in the middle', hourly.toSpliced(4, 3), [[210, 450]]],
    ['at the beginning', hourly.slice(4), [[0, 270]]],
    ['at the end', hourly.slice(0, 8), [[450, 720]]],
    ['everywhere', [], [[0, 720]]],
  ])('shows a gap %s', (_, minutes, gaps) => {
    expect(series(minutes).gaps).toMatchObject(gaps.map(([from, to]) => ({ from: at(from!), to: at(to!) })));
  });

  test('begins with the cell', () => {
    expect(series(hourly.slice(6), at(360)).gaps).toEqual([]);
  });
});

describe('the report for one tenant', () => {
  const input = sampleInput(12);
  const tenants = input.tenants!;
  const [own, other] = [tenants[5]!, tenants[4]!];
  const about = (tenant: string | null, subject: string) => ({
    ...finding,
    tenant,
    subject,
    message: subject,
  });
  const report = buildReport({
    ...input,
    tenant: own.id,
    chain: { name: own.id, sequence: 1, previous: null },
    runs: [
      {
        ...input.runs[0]!,
        actor: `key of ${other.slug}`,
        result: {
          ...resultOf(12),
          findings: [
            about(own.schema, `table ${own.schema}.notes: SELECT for ${other.schema}`),
            about(other.schema, `table ${other.schema}.notes: SELECT for ${own.schema}`),
            about(
              own.schema,
              `It was moved for ${other.name} and ${tenants[0]!.name}, role ${other.schema}_owner`,
            ),
          ],
          notes: [`${other.name} was busy`],
        },
      },
    ],
  });
  const text = JSON.stringify(report);

  test('has its own findings and no others', () => {
    expect(report.findings.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('It was moved for (another tenant)'),
      `table ${own.schema}.notes: SELECT for (another tenant)`,
    ]);
  });

  test.each(tenants.filter(({ id }) => id !== own.id).map(({ id, slug, name }) => [id, slug!, name]))(
    'names nobody else: %s',
    (id, slug, name) => {
      expect(text).not.toContain(id);
      expect(text).not.toMatch(new RegExp(`${slug}(?!\\d)`));
      expect(text).not.toContain(JSON.stringify(name).slice(1, -1));
    },
  );

  test('has what is everybody’s once for each check, however many it is about', () => {
    const all = tenants.map(({ schema }) => about(null, `role ${schema}`));
    const { findings } = buildReport({
      ...sampleInput(12),
      tenant: own.id,
      chain: { name: own.id, sequence: 1, previous: null },
      runs: [{ ...input.runs[0]!, result: { ...resultOf(12), findings: all } }],
    });
    expect(findings.map(({ subject }) => subject)).toEqual(['the whole installation']);
  });

  test('has no number that tells how many there are', () => {
    expect(report).toMatchObject({ population: null, lifecycle: null });
    expect(report.accessMatrix).toMatchObject([
      { roles: null, schemas: null, pairs: null, othersLeftOut: 0 },
    ]);
    expect(report.accessMatrix[0]!.others).toMatchObject([{ role: 'tenantry_control', schema: own.schema }]);
    expect(report.runs.map(({ tenants: looked }) => looked)).toEqual([null]);
    const checks = report.runs.flatMap((run) => run.checks).filter(({ id }) => id === finding.check);
    for (const { findings } of checks) expect(findings).toBe(report.findings.length);
  });
});

describe('the page', () => {
  const html = evidenceHtml(sealReport(buildReport(sampleInput(12)), key));

  test('runs no script and loads nothing, whatever a tenant is called', () => {
    expect(html).not.toMatch(/<script|<img|<link|<iframe|javascript:|@import|url\(|src=/i);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain("default-src 'none'");
  });

  test('says of each control what it does not show, and claims nothing', () => {
    for (const { clause, doesNotShow } of clauses) {
      expect(html).toContain(clause);
      expect(doesNotShow).not.toBe('');
    }
    expect(html).not.toMatch(/complian/i);
  });
});

test('every clause of the frameworks is there', () => {
  const wanted =
    'CC4.1 CC6.1 CC6.2 CC6.3 CC6.6 CC6.7 CC7.1 CC7.2 CC8.1 C1.1 C1.2 5(1)(f) 5(2) 17 25 28(3) 30 32(1)(b) 32(1)(d) 33 ' +
    'A.5.15 A.5.18 A.8.2 A.8.3 A.8.9 A.8.10 A.8.15 A.8.16 A.8.22 A.8.29 A.8.32 CLD.9.5.1 A1.1.4';
  expect(clauses.map(({ clause }) => clause.replace('Art. ', '')).toSorted()).toEqual(
    wanted.split(' ').toSorted(),
  );
});
