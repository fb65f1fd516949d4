import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runIsolationCli } from '../../src/cli/index.ts';
import { startCell, type TestCell } from '../attacks/support.ts';

let cell: TestCell;
let directory: string;

beforeAll(async () => {
  cell = await startCell();
  directory = await mkdtemp(join(tmpdir(), 'tenantry isolation '));
});
afterAll(async () => {
  await cell.stop();
  await rm(directory, { recursive: true });
});

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const written = { out: '', err: '' };
  const code = await runIsolationCli(argv, {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env,
    directory,
  });
  return { code, ...written };
}

const verify = (...more: string[]) => run(['verify', ...more], { TENANTRY_ISOLATION_URL: cell.url });

describe('verify', () => {
  test('of a clean cell ends with 0, fits one screen, and says on the error stream what it is at', async () => {
    const { code, out, err } = await verify();
    expect(code, out).toBe(0);
    expect(out).toMatch(/PASSED: \d+ checks, no finding\.\n$/);
    expect(out.split('\n').length).toBeLessThan(40);
    expect(err).toBe('Reading the catalogs …\n');
  });

  test('ends with 1 on a finding, in every format, and names who and what', async () => {
    await cell.superuser.query(`GRANT USAGE ON SCHEMA ${cell.tenant} TO PUBLIC`);
    try {
      const table = await verify();
      expect(table.code).toBe(1);
      expect(table.out).toContain(`PUBLIC holds USAGE on the schema ${cell.tenant}`);
      const { results } = (
        JSON.parse((await verify('--format', 'sarif')).out) as { runs: { results: { ruleId: string }[] }[] }
      ).runs[0]!;
      expect(new Set(results.map(({ ruleId }) => ruleId))).toEqual(
        new Set(['privilege.unknown', 'reach.tenants', 'oracle.schema']),
      );
      expect((await verify('--format', 'junit')).out).toContain(`USAGE for PUBLIC`);
      const json = JSON.parse((await verify('--format', 'json')).out) as {
        findings: { check: string; remediation: string }[];
      };
      expect(json.findings.find(({ check }) => check === 'privilege.unknown')!.remediation).toBe(
        `REVOKE USAGE ON SCHEMA ${cell.tenant} FROM PUBLIC CASCADE;`,
      );
      expect((await verify('--fail-on', 'critical')).code).toBe(1);
    } finally {
      await cell.superuser.query(`REVOKE USAGE ON SCHEMA ${cell.tenant} FROM PUBLIC`);
    }
  });

  test('takes a file with an exception, which is accepted and no finding', async () => {
    await cell.superuser.query('CREATE ROLE metabase LOGIN');
    try {
      expect((await verify()).code).toBe(1);
      await writeFile(
        join(directory, 'accepted.json'),
        JSON.stringify({
          style: 'tenantry',
          accepted: [{ check: 'role.unknown', subject: 'role metabase', reason: 'a test' }],
        }),
      );
      const { code, out } = await verify('--config', 'accepted.json');
      expect(code, out).toBe(0);
      const { accepted } = JSON.parse(
        (await verify('--config', 'accepted.json', '--format', 'json')).out,
      ) as { accepted: { subject: string }[] };
      expect(accepted.map(({ subject }) => subject)).toEqual(['role metabase']);
    } finally {
      await cell.superuser.query('DROP ROLE metabase');
    }
  });

  test('gives the same as a superuser: the control role is who owns the cell', async () => {
    expect((await run(['verify'], { TENANTRY_ISOLATION_URL: cell.superuserUrl })).out).toMatch(/PASSED/);
  });

  test('ends with 2 for a file that is not usable, and says where', async () => {
    await writeFile(join(directory, 'bad.json'), JSON.stringify({ tenants: { patern: '^t' } }));
    expect(await verify('--config', 'bad.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        '"tenants" has no "patern"; it has pattern, query, except, login, owner.',
      ) as string,
    });
  });
});

describe('faults', () => {
  test('makes a copy of its own, counts up, and ends with 0 when all were found', async () => {
    const { code, out, err } = await run([
      'faults',
      '--only',
      'comments.role,members.tenant.set,database.limit',
    ]);
    expect(code, out).toBe(0);
    expect(out).toContain('Fault injection: 3 of 3 found, 1 by the rights oracle too.');
    expect(err).toBe(
      'Making a copy …\nInjecting faults … 1 of 3\nInjecting faults … 2 of 3\nInjecting faults … 3 of 3\n',
    );
  });

  test('takes a copy of yours as its superuser, and leaves it as it was', async () => {
    const env = { TENANTRY_ISOLATION_URL: cell.superuserUrl };
    const one = await run(['faults', '--throw-away', '--only', 'comments'], env);
    expect(one).toMatchObject({
      code: 2,
      err: expect.stringContaining('Faults are about two tenants, and the copy has 1.') as string,
    });
    const asControl = await run(['faults', '--throw-away', '--only', 'comments'], {
      TENANTRY_ISOLATION_URL: cell.url,
    });
    expect(asControl).toMatchObject({ code: 2, err: expect.stringContaining('ISOLATION_RIGHTS') as string });
    expect((await verify()).code).toBe(0);
  });

  test('refuses a database that is not said to be a copy, and a word that no fault begins with', async () => {
    expect(await run(['faults', '--url', cell.superuserUrl])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--throw-away') as string,
    });
    expect(await run(['faults', '--only', 'nothing'])).toMatchObject({
      code: 2,
      err: 'ISOLATION_OPTION: --only: no fault\'s id begins with "nothing".\n',
    });
  });
});
