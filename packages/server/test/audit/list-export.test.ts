import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent, Tenant } from '@tenantry/contract';
import { problemOf, send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';

/** The documentation's own check, which knows nothing of Tenantry but the formula. */
const example = fileURLToPath(new URL('../../../../docs/examples/verify-audit.mjs', import.meta.url));

let server: TestServer;
let files: MigrationFiles;
let directory: string;
let acme: Tenant;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  directory = await mkdtemp(join(tmpdir(), 'tenantry audit '));
  acme = await provision(server, 'acme', {
    name: 'Ünïcödé 株式会社 "quoted", \\ / 😀',
    labels: { b: '2', a: '1' },
  });
  await provision(server, 'other');
  const reason = '=HYPERLINK("http://evil")\r\nsecond line, with a comma';
  await server.admin.call('suspendTenant', { params: { tenant: 'acme' }, body: { reason } });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
  await rm(directory, { recursive: true, force: true });
});

async function exported(query = ''): Promise<AuditEvent[]> {
  const { body } = await send<string>(server, `/v1/audit/export?${query}`);
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent);
}

describe('list', () => {
  const count = async (query: object) => (await server.admin.call('listAudit', { query })).total;

  test('filters by tenant, action, actor, outcome, request and time', async () => {
    const all = await auditOf(server, {});
    const mine = all.filter(({ tenantId }) => tenantId === acme.id);
    expect(mine.map(({ action }) => action)).toEqual(['tenant.create', 'tenant.activate', 'tenant.suspend']);
    expect(await count({ tenant: acme.id })).toBe(3);
    expect(await count({ tenant: 'acme' })).toBe(3);
    expect(await count({ tenant: 'nobody' })).toBe(0);
    expect(await count({ action: 'tenant.suspend' })).toBe(1);
    expect(await count({ action: 'tenant.*', tenant: 'acme' })).toBe(3);
    expect(await count({ action: 'tenant.%' })).toBe(0);
    const { actor } = mine[0]!;
    expect(await count({ actor: actor.id, tenant: 'acme' })).toBe(3);
    expect(await count({ actor: 'local administrator', tenant: 'acme' })).toBe(3);
    expect(await count({ actor: 'nobody' })).toBe(0);
    expect(await count({ outcome: 'failure' })).toBe(0);
    expect(await count({ requestId: mine[2]!.requestId })).toBe(1);
    const { at } = mine[2]!;
    expect(await count({ from: at, tenant: 'acme' })).toBe(1);
    expect(await count({ to: at, tenant: 'acme' })).toBe(2);
  });

  test('pages go back to the first row without a gap', async () => {
    const seqs: number[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await server.admin.call('listAudit', {
        query: { limit: 3, ...(cursor ? { cursor } : {}) },
      });
      seqs.push(...page.items.map(({ seq }) => seq));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => seqs.length - i));
  });

  test('one event by its id', async () => {
    const [event] = await auditOf(server, { action: 'tenant.suspend' });
    expect(await server.admin.call('getAuditEvent', { params: { event: event!.id } })).toEqual(event);
    const problem = await problemOf(server.admin.call('getAuditEvent', { params: { event: 'a_nothing' } }));
    expect(problem).toMatchObject({ code: 'AUDIT_EVENT_NOT_FOUND', status: 404 });
    expect(await send(server, '/v1/audit/%00')).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
  });

  test.each([
    'from=yesterday',
    'from=2026-02-30T00:00:00Z',
    'to=2026-13-01T00:00:00Z',
    'from=0000-01-01T00:00:00Z',
    'from=0001-01-01T00:00:00%2B14:00',
    'from=9999-12-31T23:59:59-14:00',
    'to=2026-11-30T00:00:00%2B14:01',
    'to=2026-11-30T00:00:00-23:59',
    'outcome=maybe',
    'actor=%00',
    'action=%00',
    'requestId=%00',
    'limit=0',
    'colour=red',
  ])('%s is refused', async (query) => {
    for (const path of ['/v1/audit', '/v1/audit/export']) {
      if (path.endsWith('export') && query === 'limit=0') continue;
      expect(await send(server, `${path}?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION' },
      });
    }
  });

  test('a cursor that is not one of this list is refused', async () => {
    for (const key of ['x', '99999999999999999999', '']) {
      const cursor = Buffer.from(JSON.stringify(['audit', key, 'a_x'])).toString('base64url');
      const problem = await problemOf(server.admin.call('listAudit', { query: { cursor } }));
      expect(problem).toMatchObject({ code: 'CURSOR_INVALID', status: 400 });
    }
  });
});

describe('export', () => {
  test('JSON Lines hold the whole chain, which the example in the documentation verifies', async () => {
    const answer = await send<string>(server, '/v1/audit/export', {
      headers: { 'x-request-id': 'export-1' },
    });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="tenantry-audit.jsonl"');
    const file = join(directory, 'audit.jsonl');
    await writeFile(file, answer.body);
    const { head, checked } = await server.admin.call('verifyAudit', {});
    const { stdout } = await promisify(execFile)(process.execPath, [example, file, head]);
    expect(stdout).toContain(`${checked} rows fit. Head: ${head}`);
    // Who took the trail out of the house is in it.
    expect((await exported()).findLast(({ requestId }) => requestId === 'export-1')).toMatchObject({
      action: 'audit.export',
      outcome: 'success',
      actor: { name: 'local administrator' },
      target: { kind: 'audit', id: 'jsonl' },
    });
  });

  test('the example notices a change, a gap and a swap in the file', async () => {
    const lines = (await send<string>(server, '/v1/audit/export')).body
      .split('\n')
      .filter((line) => line !== '');
    const first = lines.findIndex((line) => line.includes('"apiKey"'));
    const changed = lines.with(first, lines[first]!.replace('"apiKey"', '"system"'));
    const gap = lines.filter((_, i) => i !== 2);
    const swapped = [lines[1]!, lines[0]!, ...lines.slice(2)];
    const cut = lines.slice(0, -1);
    const { head } = JSON.parse(`{"head":"${(JSON.parse(lines.at(-1)!) as AuditEvent).hash}"}`) as {
      head: string;
    };
    for (const [name, content] of Object.entries({ changed, gap, swapped, cut })) {
      const file = join(directory, `${name}.jsonl`);
      await writeFile(file, `${content.join('\n')}\n`);
      await expect(promisify(execFile)(process.execPath, [example, file, head]), name).rejects.toMatchObject({
        code: 1,
      });
    }
  });

  test('filters narrow it', async () => {
    const events = await exported(`tenant=acme&action=tenant.suspend`);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ action: 'tenant.suspend', tenantId: acme.id });
  });

  test('CSV has a header, quotes what needs it, and is no formula', async () => {
    const answer = await send<string>(server, '/v1/audit/export?format=csv&action=tenant.suspend');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const header = answer.body.slice(0, answer.body.indexOf('\r\n'));
    expect(header.split(',')).toEqual(
      expect.arrayContaining([
        'seq',
        'at',
        'actor_id',
        'action',
        'outcome',
        'before',
        'after',
        'reason',
        'prev_hash',
        'hash',
      ]),
    );
    expect(answer.body).toContain(`"'=HYPERLINK(""http://evil"")\r\nsecond line, with a comma"`);
    expect(answer.body).toContain('株式会社');
  });

  test('an unknown format is refused', async () => {
    expect(await send(server, '/v1/audit/export?format=xml')).toMatchObject({ status: 400 });
  });
});
