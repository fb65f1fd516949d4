import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Evidence, EvidenceFormat, Tenant } from '@tenantry/contract';
import { verifyFiles, verifyingKey, type SignedReport } from '@tenantry/isolation/evidence';
import { runCli } from '../../src/cli/index.ts';
import { problemOf } from '../support/call.ts';
import { migrationFiles, smallMigrations, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let directory: string;
let acme: Tenant;
let globex: Tenant;

beforeAll(async () => {
  files = await migrationFiles(smallMigrations);
  directory = await mkdtemp(join(tmpdir(), 'tenantry evidence '));
  server = await startTestServer({
    migrations: files.path,
    isolationAuditEvery: '0s',
    isolationProbesEvery: '0s',
    isolationFaultsEvery: '0s',
  });
  acme = await provision(server, 'acme');
  globex = await provision(server, 'globex');
  // What one tenant of another may read: a finding, of which the other's report must not name the one.
  await server.superuser.query(
    `GRANT USAGE ON SCHEMA ${acme.schema} TO ${globex.schema}; GRANT SELECT ON ALL TABLES IN SCHEMA ${acme.schema} TO ${globex.schema}`,
  );
  const { operation } = await server.admin.call('startIsolationRun', {
    body: { parts: ['audit', 'oracle'] },
  });
  await server.finished(operation.id);
});
afterAll(async () => {
  await server?.stop();
  await Promise.all([files?.clean(), rm(directory, { recursive: true, force: true })]);
});

async function download(id: string, format: EvidenceFormat): Promise<Buffer> {
  const response = await server.admin.open('getEvidence', { params: { report: id }, query: { format } });
  return Buffer.from(await response.arrayBuffer());
}

async function documentOf({ id }: Pick<Evidence, 'id'>): Promise<SignedReport> {
  return JSON.parse((await download(id, 'json')).toString('utf8')) as SignedReport;
}

async function publicKey(): Promise<string> {
  const { items } = await server.admin.call('listEvidenceKeys', {});
  return items.find(({ current }) => current)!.publicKey;
}

async function actionsOf(id: string): Promise<readonly string[]> {
  const { items } = await server.admin.call('listAudit', { query: { action: 'evidence.*', limit: 100 } });
  return items.filter(({ target }) => target.id === id).map(({ action }) => action);
}

async function cli(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const code = await runCli(argv, {
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    env: { TENANTRY_URL: server.url, TENANTRY_TOKEN: server.token },
    up: () => Promise.resolve(0),
    sample: { seedFile: '' },
  });
  return { code, stdout, stderr };
}

describe('a report on the installation', () => {
  let report: Evidence;
  beforeAll(async () => {
    report = await server.admin.call('issueEvidence', { body: {} });
  });

  test('says what the stored runs have found, about every tenant', async () => {
    expect(report).toMatchObject({
      chain: 'installation',
      sequence: 1,
      outcome: 'findings',
      previousHash: null,
    });
    const { report: document } = await documentOf(report);
    expect(document.population).toMatchObject({ registered: 2, found: 2, reconciled: true });
    expect(document.population!.tenants.map(({ id }) => id)).toEqual([acme.id, globex.id].toSorted());
    expect(document.findings.map(({ tenant }) => tenant)).toContain(acme.id);
    expect(document.runs).toMatchObject([{ kind: 'audit, oracle', actor: 'local administrator (apiKey)' }]);
    expect(document.runs[0]!.server).toMatchObject({ database: 'tenantry', role: 'tenantry_control' });
    expect(document.verdict.missing.join(' ')).toMatch(/No attack was run/);
    expect(document.lifecycle).toMatchObject({ provisioned: 2, probedBeforeActive: 2 });
    expect(document.residualRisks.length).toBeGreaterThan(0);
    const [matrix] = document.accessMatrix;
    expect(matrix!.others).toContainEqual(
      expect.objectContaining({ role: globex.schema, schema: acme.schema }) as unknown,
    );
    expect(await actionsOf(report.id)).toContain('evidence.issue');
  });

  test('is verified in all its forms by the public key alone, and given out as it was issued', async () => {
    const forms = ['json', 'html', 'pdf', 'manifest'] as const;
    const given = await Promise.all(
      forms.map(async (name) => ({ name, content: await download(report.id, name) })),
    );
    const results = verifyFiles(given, [verifyingKey(await publicKey())]);
    expect(results.map(({ kind, ok }) => [kind, ok])).toEqual([
      ['report', true],
      ['page', true],
      ['print', true],
      ['manifest', true],
    ]);
    expect((await download(report.id, 'pdf')).equals(given[2]!.content)).toBe(true);
    expect(
      (await actionsOf(report.id)).filter((action) => action === 'evidence.download').length,
    ).toBeGreaterThan(4);
  }, 120_000);

  test('reports that are asked for at the same time stand in one chain, and end with the newest', async () => {
    await Promise.all(Array.from({ length: 5 }, () => server.admin.call('issueEvidence', { body: {} })));
    const { items } = await server.admin.call('listEvidence', { query: {} });
    const chain = items
      .filter(({ tenantId }) => tenantId === null)
      .toSorted((a, b) => a.sequence - b.sequence);
    expect(chain.map(({ sequence }) => sequence)).toEqual(chain.map((_, at) => at + 1));
    expect(chain.slice(1).map(({ previousHash }) => previousHash)).toEqual(
      chain.slice(0, -1).map(({ hash }) => hash),
    );
    const head = chain.at(-1)!.hash;
    expect(await server.admin.call('verifyEvidence', { body: { head } })).toMatchObject({
      ok: true,
      head,
      broken: null,
    });
    expect(await server.admin.call('verifyEvidence', { body: { head: '0'.repeat(64) } })).toMatchObject({
      ok: false,
      broken: { problem: 'truncated' },
    });
  });

  test.each([
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'VALIDATION'],
    [{ to: '2999-01-01T00:00:00Z' }, 'VALIDATION'],
    [{ from: '0001-01-01T00:00:00+14:00' }, 'VALIDATION'],
    [{ from: '2026-01-01T00:00:00+23:59' }, 'VALIDATION'],
    [{ tenant: 'nobody' }, 'TENANT_NOT_FOUND'],
  ])('is refused: %j', async (body, code) => {
    expect((await problemOf(server.admin.call('issueEvidence', { body }))).code).toBe(code);
  });
});

describe('a report for one tenant', () => {
  test('is a chain of its own, names nobody else, and is read by that tenant’s key alone', async () => {
    const report = await server.admin.call('issueEvidence', { body: { tenant: 'acme' } });
    expect(report).toMatchObject({ chain: acme.id, sequence: 1, tenantId: acme.id, outcome: 'findings' });
    const text = (await download(report.id, 'json')).toString('utf8');
    expect(text).toContain('(another tenant)');
    for (const name of [globex.id, 'globex']) expect(text).not.toContain(name);

    const own = await server.as('tenant', 'acme');
    expect((await own.call('listEvidence', { query: {} })).items.map(({ id }) => id)).toEqual([report.id]);
    expect(await own.call('verifyEvidence', { body: {} })).toMatchObject({ chain: acme.id, ok: true });
    const other = await server.as('tenant', 'globex');
    expect((await other.call('listEvidence', { query: {} })).items).toEqual([]);
    const wanted = { params: { report: report.id }, query: {} };
    expect((await problemOf(other.open('getEvidence', wanted))).code).toBe('EVIDENCE_NOT_FOUND');
    expect((await problemOf(other.call('verifyEvidence', { body: { tenant: 'acme' } }))).code).toBe(
      'TENANT_NOT_FOUND',
    );
    expect((await own.open('getEvidence', wanted)).ok).toBe(true);
  });

  test.each([
    ['developer', 'issueEvidence', { body: {} }],
    ['operator', 'issueEvidence', { body: {} }],
    ['tenant', 'issueEvidence', { body: {} }],
    ['developer', 'listEvidence', { query: {} }],
    ['runtime', 'listEvidence', { query: {} }],
    ['tenant', 'getAccessMatrix', { query: {} }],
  ] as const)('%s may not %s', async (role, name, input) => {
    const client = await server.as(role, role === 'tenant' ? 'acme' : undefined);
    expect((await problemOf(client.open(name, input))).code).toBe('FORBIDDEN');
  });
});

describe('what was issued', () => {
  const refused = async (sql: string) => {
    const client = await server.superuser.connect();
    try {
      await client.query('BEGIN; SET LOCAL ROLE tenantry_control');
      await client.query(sql);
      return 'done';
    } catch (error) {
      return (error as { code?: string }).code;
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  };

  test.each(['evidence', 'evidence_forms', 'evidence_keys'])(
    'cannot be changed by the control role: %s',
    async (table) => {
      expect(await refused(`UPDATE tenantry_audit.${table} SET id = 'x'`)).toBe('42501');
      expect(await refused(`DELETE FROM tenantry_audit.${table}`)).toBe('42501');
      expect(await refused(`TRUNCATE tenantry_audit.${table} CASCADE`)).toBe('42501');
      expect(await refused(`DROP TABLE tenantry_audit.${table} CASCADE`)).toBe('42501');
    },
  );

  test('cannot be continued by what does not fit', async () => {
    const { rows } = await server.superuser.query<{ document: string }>(
      `SELECT document FROM tenantry_audit.evidence WHERE chain = 'installation' ORDER BY sequence DESC LIMIT 1`,
    );
    const document = rows[0]!.document.replaceAll("'", "''");
    expect(await refused(`SELECT tenantry_audit.append_evidence(NULL, '{}', '${document}')`)).toBe('23000');
  });

  test('shows when a superuser has changed it', async () => {
    await server.superuser.query(`
      UPDATE tenantry_audit.evidence SET document = replace(document, 'acme', 'acmf') WHERE chain = 'installation' AND sequence = 2`);
    expect(await server.admin.call('verifyEvidence', { body: {} })).toMatchObject({
      ok: false,
      checked: 1,
      broken: { problem: 'changed' },
    });
    await server.superuser.query(
      `UPDATE tenantry_audit.evidence SET document = replace(document, 'acmf', 'acme') WHERE chain = 'installation' AND sequence = 2`,
    );
    expect(await server.admin.call('verifyEvidence', { body: {} })).toMatchObject({ ok: true });
  });
});

test('the access matrix has who may do what, as JSON and as CSV', async () => {
  const csv = await (await server.admin.open('getAccessMatrix', { query: { format: 'csv' } })).text();
  const lines = csv.trimEnd().split('\r\n');
  expect(lines[0]).toMatch(
    /^cell,role,can_login,schema,relation,usage,create,may_set_role,tables,select,insert/,
  );
  const foreign = lines.find((line) =>
    line.startsWith(`default,${globex.schema},true,${acme.schema},other,`),
  );
  expect(foreign).toMatch(/,other,true,false,false,(\d+),\1,0,0,0,0,0,0,0$/);
  const json = (await (await server.admin.open('getAccessMatrix', { query: {} })).json()) as {
    readonly items: readonly {
      readonly cell: string;
      readonly cells: readonly { readonly role: string }[];
    }[];
  };
  expect(json.items[0]).toMatchObject({ cell: 'default', database: 'tenantry', schemas: 2 });
  expect((await problemOf(server.admin.open('getAccessMatrix', { query: { cell: 'none' } }))).code).toBe(
    'CELL_NOT_FOUND',
  );
});

describe('the key', () => {
  test('is a secret of the home; another one is published when the control plane starts with it', async () => {
    const file = join(server.home, 'secrets', 'evidence-key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toMatch(/PRIVATE KEY/);
    const before = await publicKey();
    const { newSigningKey } = await import('@tenantry/isolation/evidence');
    await server.restart({ evidenceKey: newSigningKey() });
    const after = await publicKey();
    expect(after).not.toBe(before);
    await server.admin.call('issueEvidence', { body: {} });
    expect(await server.admin.call('verifyEvidence', { body: {} })).toMatchObject({ ok: true });
    const { items } = await server.admin.call('listEvidenceKeys', {});
    expect(items.map(({ current }) => current)).toEqual([false, true]);
    expect(await actionsOf(items[1]!.id)).toEqual(['evidence.add-key']);
    await server.restart();
  });
});

describe('the command line', () => {
  test('issues, downloads, and verifies without a server', async () => {
    const out = join(directory, 'bundle/');
    const issued = await cli('isolation', 'report', '--tenant', 'acme', '--output', `${out}/`, '--json');
    expect(issued).toMatchObject({ code: 0 });
    const { id, files: written } = JSON.parse(issued.stdout) as Evidence & {
      readonly files: readonly string[];
    };
    expect(written).toHaveLength(4);
    const key = join(directory, 'key.pem');
    await writeFile(key, (await cli('evidence', 'keys', '--quiet')).stdout);

    const offline = { TENANTRY_URL: 'http://127.0.0.1:1' };
    let stdout = '';
    const verify = (...names: string[]) =>
      runCli(['evidence', 'verify', ...names, '--key', key], {
        stdout: { write: (text) => void (stdout += text) },
        stderr: { write: () => undefined },
        env: offline,
        up: () => Promise.resolve(0),
        sample: { seedFile: '' },
      });
    expect(await verify(...written)).toBe(0);
    const json = written.find((name) => name.endsWith(`${id}.json`))!;
    const changed = join(directory, 'changed.json');
    await writeFile(changed, (await readFile(json, 'utf8')).replace('acme', 'acmf'));
    expect(await verify(changed)).toBe(1);
    expect(stdout).toMatch(/changed: The report was changed/);
    expect(await verify('missing.json')).toBe(2);
    expect((await cli('evidence', 'verify', json)).code).toBe(2);
  }, 120_000);

  test('lists, verifies the stored chain and exports the access matrix', async () => {
    expect((await cli('evidence', 'list')).stdout).toMatch(/installation/);
    expect(await cli('evidence', 'verify')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/installation: ok/) as unknown,
    });
    const file = join(directory, 'access.csv');
    expect((await cli('isolation', 'access-matrix', '--output', file)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain(acme.schema);
    expect((await cli('isolation', 'report', '--output', 'report.docx')).code).toBe(2);
  });
});
