import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { fingerprintOf } from '../../src/finding.ts';
import { fromJson, toJson, toJunit, toSarif, toTable } from '../../src/report/index.ts';
import { problemsOf } from '../../src/result.ts';
import { broken, clean, finding } from './sample.ts';

describe('problems', () => {
  test('of a clean run there are none: what succeeds on a control is how it must be', () => {
    expect(problemsOf(clean)).toEqual([]);
  });

  test('are findings, attacks, controls and faults, worst first', () => {
    expect(problemsOf(broken).map(({ severity, check }) => [severity, check])).toEqual([
      ['critical', 'attack.read.query-to-xml'],
      ['critical', 'privileges.table'],
      ['high', 'attack.control'],
      ['high', 'faults.missed'],
      ['medium', 'attack.server.load'],
      ['low', 'privileges.table'],
    ]);
  });
});

describe('the table', () => {
  test('of a clean run', () => {
    expect(toTable(clean)).toMatchInlineSnapshot(`
      "Isolation of tenantry · PostgreSQL 18.4 · 1,000 tenants (1,000 in the registry) · 2026-03-01T10:00:00.000Z · 8.5 s

      catalogs  checks  findings  accepted
      owners         1         –         1
      Catalogs: 1 check in 1 family found nothing.

      attacks that succeed                 sealed  search_path
      reading rows (1)                          –        HIT 1
      left behind for the next tenant (1)
      names, sizes, LISTEN, locks (1)         (1)
      HIT n: so many succeed.  –: none.  (n) PostgreSQL’s own, stated below.

      Control "search_path": 1 of 1 attacks that have to succeed did, so the statements are right.

      Fault injection: 180 of 180 found, 140 by the rights oracle too.

      Residual, of every database that tenants share: numbers and sizes.

      PASSED: 2 checks, 2 attacks, 180 faults, no finding.
      "
    `);
  });

  test('of a run with findings', () => {
    expect(toTable(broken)).toMatchInlineSnapshot(`
      "Isolation of tenantry · PostgreSQL 18.4 · 1,000 tenants (1,000 in the registry) · 2026-03-01T10:00:00.000Z · 8.5 s

      catalogs    checks  findings  accepted
      privileges       1         2         –
      owners           1         –         1

      attacks that succeed                 sealed  search_path
      reading rows (2)                      HIT 1        HIT 1
      the machine and the server (1)          ? 1
      left behind for the next tenant (1)
      names, sizes, LISTEN, locks (1)         (1)
      HIT n: so many succeed.  –: none.  (n) PostgreSQL’s own, stated below.  ? another answer than expected.

      Control "set role": only 1 of 2 attacks that have to succeed did; not become.set-role

      Fault injection: 179 of 180 found; 1 could not be put in here.
        not found: grant-usage, USAGE for PUBLIC

      CRITICAL attack.read.query-to-xml
        One tenant reaches another over sealed, by query_to_xml: PostgreSQL let it pass.
      CRITICAL privileges.table (and 1 more)
        t_a may read the table notes of t_b
        REVOKE SELECT ON t_b.notes FROM t_a;
      HIGH     attack.control
        1 of 2 attacks that have to succeed on the control "set role" did not, so that they were refused …
      HIGH     faults.missed
        Nobody noticed a fault that was put in on purpose: USAGE for PUBLIC.
      MEDIUM   attack.server.load
        An attack over sealed, by LOAD of a library, was not answered as it must be: it was answered with…
      All of them: --all, or --format json.

      Residual, of every database that tenants share: numbers and sizes.

      Note: The lane leased was not attacked.

      FAILED: 2 checks, 4 attacks, 180 faults, 6 findings (2 critical, 2 high, 1 medium, 1 low).
      "
    `);
  });

  test('fits one screen however much is found, and says where the rest is', () => {
    const many = {
      ...broken,
      findings: Array.from({ length: 500 }, (_, n) => ({ ...finding, subject: `table t_b.x${n}` })),
    };
    const lines = toTable(many).split('\n');
    expect(lines.length).toBeLessThanOrEqual(45);
    expect(toTable(many)).toContain('privileges.table (and 499 more)');
    expect(toTable(many, { all: true })).toContain('t_b.x499');
  });

  test('cannot be made to drive a terminal', () => {
    // eslint-disable-next-line no-control-regex
    expect(toTable(broken, { all: true })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('json', () => {
  test('comes back as it was', () => {
    expect(fromJson(toJson(clean))).toEqual(clean);
    expect((JSON.parse(toJson(broken)) as { problems: unknown[] }).problems).toHaveLength(6);
  });

  test('of something else is refused', () => {
    expect(() => fromJson('{"x": 1}')).toThrow('This is no result of a run: it has no "tool".');
  });
});

describe('SARIF', () => {
  const { version, $schema, runs } = JSON.parse(toSarif(broken, { location: 'isolation.json' })) as Sarif;
  const [run] = runs;

  test('is of version 2.1.0, with one run', () => {
    expect(version).toBe('2.1.0');
    expect($schema).toMatch(/sarif-2\.1\.0/);
    expect(runs).toHaveLength(1);
  });

  test('has a rule for each check and each attack that found something, with what GitHub sorts by', () => {
    const { rules } = run!.tool.driver;
    expect(rules.map(({ id }) => id)).toEqual([
      'privileges.table',
      'owners.schema',
      'attack.read.query-to-xml',
      'attack.control',
      'faults.missed',
      'attack.server.load',
    ]);
    for (const rule of rules) {
      expect(rule.shortDescription.text.length).toBeGreaterThan(0);
      expect(rule.help.text.length).toBeGreaterThan(0);
      expect(Number(rule.properties['security-severity'])).toBeGreaterThan(0);
      // GitHub takes 20 at most.
      expect(rule.properties.tags.length).toBeLessThanOrEqual(20);
    }
  });

  test('points each result at its rule, at a place in the repository, and has a stable fingerprint', () => {
    expect(run!.results).toHaveLength(6);
    for (const result of run!.results) {
      expect(run!.tool.driver.rules[result.ruleIndex]!.id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.locations[0]!.physicalLocation.artifactLocation.uri).toBe('isolation.json');
    }
    const own = run!.results.find(({ ruleId, level }) => ruleId === 'privileges.table' && level === 'error');
    expect(own!.partialFingerprints).toEqual({ 'tenantryFinding/v1': fingerprintOf(finding) });
    expect(own!.message.text).toBe(
      't_a may read the table notes of t_b\n\nREVOKE SELECT ON t_b.notes FROM t_a;',
    );
  });

  test('of a clean run has its rules and no result', () => {
    const [empty] = (JSON.parse(toSarif(clean)) as Sarif).runs;
    expect(empty!.results).toEqual([]);
    expect(empty!.tool.driver.rules).toHaveLength(2);
  });
});

interface Sarif {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly rules: readonly {
          readonly id: string;
          readonly shortDescription: { readonly text: string };
          readonly help: { readonly text: string };
          readonly properties: { readonly tags: readonly string[]; readonly 'security-severity': string };
        }[];
      };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
      }[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

describe('JUnit', () => {
  let postgres: TestPostgres;
  let client: pg.Client;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    client = new pg.Client(postgres.superuserUrl);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await postgres.stop();
  });

  /** PostgreSQL's XML parser: what is not well-formed is refused. */
  async function xpath(xml: string, path: string): Promise<readonly string[]> {
    const { rows } = await client.query<{ found: string[] }>(
      'SELECT xpath($2, xmlparse(DOCUMENT $1))::text[] AS found',
      [xml, path],
    );
    return rows[0]!.found;
  }

  test('is XML with a suite for each family, each way and each proof', async () => {
    expect(await xpath(toJunit(clean), '/testsuites/testsuite/@name')).toEqual([
      'catalog audit: privileges',
      'catalog audit: owners',
      'attacks: sealed',
      'positive controls',
      'fault injection',
    ]);
    expect(await xpath(toJunit(clean), '/testsuites/@failures')).toEqual(['0']);
    expect(await xpath(toJunit(clean), '//skipped/@message')).toEqual([
      'Its connections never change tenant.',
    ]);
  });

  test('shows what failed, whatever it is called, and counts it', async () => {
    const xml = toJunit(broken);
    expect(await xpath(xml, '/testsuites/@failures')).toEqual(['5']);
    expect(await xpath(xml, 'count(//failure)')).toEqual(['5']);
    expect(await xpath(xml, '/testsuites/@tests')).toEqual(await xpath(xml, 'count(//testcase)'));
    expect(
      (await xpath(xml, '//testcase[starts-with(@name,"privileges.table")]/failure/text()')).join(''),
    ).toContain('REVOKE SELECT');
  });
});
