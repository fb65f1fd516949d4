import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Finding, Tenant } from '@tenantry/contract';
import { problemOf } from '../support/call.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';
import { harden, runIsolation, verdictOf } from './support.ts';

let server: TestServer;
let acme: Tenant;
let globex: Tenant;
beforeAll(async () => {
  server = await startTestServer();
  await harden(server);
  acme = await provision(server, 'acme');
  globex = await provision(server, 'globex');
});
afterAll(() => server.stop());

/** Without attacks there is no other verdict than that nobody knows. */
const calm = 'unverified';

const look = () => runIsolation(server, { parts: ['audit', 'oracle'] });
const plant = () => server.superuser.query(`GRANT SELECT ON ${acme.schema}.users TO ${globex.schema}`);
const take = () => server.superuser.query(`REVOKE SELECT ON ${acme.schema}.users FROM ${globex.schema}`);

async function findings(state = 'open'): Promise<readonly Finding[]> {
  const { items } = await server.admin.call('listFindings', { query: { state } });
  return items;
}

const inAYear = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

beforeEach(async () => {
  await take();
  await look();
  expect(await findings()).toEqual([]);
});

describe('a finding', () => {
  test('opens with what is wrong, makes the verdict fail, and is resolved when that is gone', async () => {
    expect(await verdictOf(server)).toBe(calm);
    await plant();
    const run = await look();
    expect(run.clean).toBe(false);
    expect(run.findings.opened).toBeGreaterThanOrEqual(2);
    const opened = await findings();
    const grant = opened.find(({ check }) => check === 'privilege.unknown');
    expect(opened.map(({ check }) => check)).toContain('oracle.relation');
    expect(grant).toMatchObject({
      tenantId: acme.id,
      tenantSlug: 'acme',
      severity: 'critical',
      state: 'open',
      cell: 'default',
      acceptance: null,
      lastRun: run.id,
    });
    expect(grant!.subject).toContain(`${acme.schema}.users`);
    expect(grant!.remediation).toContain('REVOKE');
    expect(await verdictOf(server)).toBe('failing');
    const summary = await server.admin.call('getIsolation', {});
    expect(summary.findings.open.critical).toBeGreaterThanOrEqual(1);
    expect(summary.reasons.join(' ')).toContain('open on the cell default');
    const check = await server.admin.call('getIsolationCheck', { params: { check: grant!.check } });
    expect(check).toMatchObject({ state: 'failed', failingTenants: 1 });
    expect(check.findings.map(({ id }) => id)).toContain(grant!.id);
    expect(check.sql).toContain('SELECT');

    await take();
    const after = await look();
    expect(after).toMatchObject({ clean: true, findings: { seen: 0, opened: 0, resolved: opened.length } });
    expect(await findings()).toEqual([]);
    const resolved = await server.admin.call('getFinding', { params: { finding: grant!.id } });
    expect(resolved).toMatchObject({ state: 'resolved', firstSeenAt: grant!.firstSeenAt });
    expect(resolved.resolvedAt).not.toBeNull();
    expect(await verdictOf(server)).toBe(calm);
    const verdicts = await auditOf(server, { action: 'isolation.verdict' });
    expect(verdicts.slice(-2).map(({ after: is }) => (is as { verdict: string }).verdict)).toEqual([
      'failing',
      calm,
    ]);
    expect(verdicts.at(-1)!.actor).toMatchObject({ kind: 'system', name: 'isolation' });
  });

  test('is reopened, as the same one, when what was wrong comes back', async () => {
    await plant();
    await look();
    const [first] = await findings();
    await take();
    await look();
    await plant();
    await look();
    const again = (await findings()).find(({ id }) => id === first!.id);
    expect(again).toMatchObject({ timesOpened: first!.timesOpened + 1, firstSeenAt: first!.firstSeenAt });
    expect(again!.openedAt > first!.openedAt).toBe(true);
  });

  test('that is accepted does not count while that lasts, and does when it ends', async () => {
    await plant();
    await look();
    for (const { id } of await findings()) {
      const finding = await server.admin.call('acceptFinding', {
        params: { finding: id },
        body: { reason: 'until the report is moved', until: inAYear(30) },
      });
      expect(finding).toMatchObject({
        state: 'accepted',
        acceptance: { reason: 'until the report is moved', by: { kind: 'apiKey' } },
      });
      const [event] = (await auditOf(server, { action: 'finding.accept' })).slice(-1);
      expect(event).toMatchObject({
        target: { kind: 'finding', id },
        reason: 'until the report is moved',
        before: { state: 'open' },
        after: { state: 'accepted' },
      });
    }
    expect(await verdictOf(server)).toBe(calm);
    const { clean } = await look();
    expect(clean).toBe(true);
    expect((await server.admin.call('getIsolation', {})).findings.accepted.critical).toBeGreaterThanOrEqual(
      1,
    );
    await server.superuser.query(
      `UPDATE tenantry.isolation_findings SET accepted_until = now() - interval '1 s' WHERE state = 'accepted'`,
    );
    // At once, whether or not somebody has noted it.
    expect((await findings()).length).toBeGreaterThanOrEqual(2);
    expect(await verdictOf(server)).toBe('failing');
  });

  test('can be reopened by whoever may accept it', async () => {
    await plant();
    await look();
    const [finding] = await findings();
    const params = { finding: finding!.id };
    const auditor = await server.as('auditor');
    await auditor.call('acceptFinding', { params, body: { reason: 'known', until: inAYear(1) } });
    const reopened = await auditor.call('reopenFinding', { params, body: { reason: 'not any more' } });
    expect(reopened).toMatchObject({ state: 'open', acceptance: null });
    const [event] = (await auditOf(server, { action: 'finding.reopen' })).slice(-1);
    expect(event).toMatchObject({
      target: { kind: 'finding', id: finding!.id },
      reason: 'not any more',
      before: { state: 'accepted' },
      after: { state: 'open' },
    });
    expect((await problemOf(auditor.call('reopenFinding', { params, body: {} }))).code).toBe(
      'FINDING_STATE_CONFLICT',
    );
  });

  test('that comes back while it is accepted is accepted again', async () => {
    await plant();
    await look();
    const [finding] = await findings();
    const params = { finding: finding!.id };
    await server.admin.call('acceptFinding', { params, body: { reason: 'known', until: inAYear(9) } });
    await take();
    await look();
    await plant();
    await look();
    expect(await server.admin.call('getFinding', { params })).toMatchObject({ state: 'accepted' });
    await server.admin.call('reopenFinding', { params, body: {} });
  });

  test('is not accepted for ever, for the past, when it is resolved, or by whoever runs the cell', async () => {
    await plant();
    await look();
    const [finding] = await findings();
    const params = { finding: finding!.id };
    const accept = (until: string) =>
      problemOf(server.admin.call('acceptFinding', { params, body: { reason: 'x', until } }));
    expect((await accept(inAYear(400))).code).toBe('VALIDATION');
    expect((await accept(inAYear(-1))).code).toBe('VALIDATION');
    for (const role of ['operator', 'developer'] as const) {
      const caller = await server.as(role);
      const refused = caller.call('acceptFinding', { params, body: { reason: 'x', until: inAYear(1) } });
      expect((await problemOf(refused)).code).toBe('FORBIDDEN');
    }
    await take();
    await look();
    expect((await accept(inAYear(1))).code).toBe('FINDING_STATE_CONFLICT');
    const unknown = { finding: 'if_nothing' };
    expect((await problemOf(server.admin.call('getFinding', { params: unknown }))).code).toBe(
      'FINDING_NOT_FOUND',
    );
  });

  test('is found by state, severity, check, tenant and text, page by page', async () => {
    await server.superuser.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${acme.schema} TO ${globex.schema}`);
    try {
      await look();
      const all = await server.admin.call('listFindings', { query: { limit: 100 } });
      expect(all.total).toBeGreaterThan(6);
      const pages: Finding[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await server.admin.call('listFindings', {
          query: { limit: 3, ...(cursor ? { cursor } : {}) },
        });
        pages.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(pages.map(({ id }) => id)).toEqual(all.items.map(({ id }) => id));
      const count = async (query: Record<string, string>) =>
        (await server.admin.call('listFindings', { query })).total;
      expect(await count({ tenant: 'acme' })).toBe(all.total);
      expect(await count({ tenant: 'globex' })).toBe(0);
      expect(await count({ severity: 'low' })).toBe(0);
      expect(await count({ check: 'oracle.*' })).toBeLessThan(all.total);
      expect(await count({ q: 'USERS' })).toBeGreaterThanOrEqual(2);
      expect(await count({ q: 'no such thing' })).toBe(0);
      const newest = await server.admin.call('listFindings', { query: { sort: '-lastSeenAt', limit: 2 } });
      const next = await server.admin.call('listFindings', {
        query: { sort: '-lastSeenAt', limit: 100, cursor: newest.nextCursor! },
      });
      expect(newest.items.length + next.items.length).toBe(all.total);
      const other = server.admin.call('listFindings', { query: { cursor: newest.nextCursor! } });
      expect((await problemOf(other)).code).toBe('CURSOR_INVALID');
      const wrong = server.admin.call('listFindings', { query: { severity: 'dire' } });
      expect((await problemOf(wrong)).code).toBe('VALIDATION');
    } finally {
      await server.superuser.query(
        `REVOKE SELECT ON ALL TABLES IN SCHEMA ${acme.schema} FROM ${globex.schema}`,
      );
    }
  });
});
