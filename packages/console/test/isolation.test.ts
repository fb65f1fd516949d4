import type { Browser } from 'playwright-core';
import type { IsolationPart, Tenant } from '@tenantry/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from './support/accessible.ts';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { startSite, type Site } from './support/site.ts';
import { themes, turn, visit } from './support/visit.ts';

/** How often a site of these tests looks at its catalogs. */
const auditEvery = 5;

async function verify(site: Site, parts: readonly IsolationPart[]): Promise<void> {
  const { operation } = await site.admin.call('startIsolationRun', { body: { parts: [...parts] } });
  const { state, error } = await site.finished(operation.id);
  if (state !== 'succeeded') throw new Error(`The run ${state}: ${error?.code} ${error?.message}`);
}

const env = { TENANTRY_ISOLATION_AUDIT_EVERY: `${auditEvery}s` };

interface Pair extends Site {
  readonly acme: Tenant;
  readonly globex: Tenant;
}

/** A site with two tenants, whose isolation was verified once. */
async function startPair(parts: readonly IsolationPart[]): Promise<Pair> {
  const site = await startSite(env);
  try {
    const [acme, globex] = [await site.tenant('acme'), await site.tenant('globex')];
    await verify(site, parts);
    return { ...site, acme, globex };
  } catch (error) {
    await site.stop();
    throw error;
  }
}

describe.skipIf(!hasBrowser)('the isolation screens', { timeout: 180_000 }, () => {
  let site: Pair;
  /** Has run every attack: minutes of work for PostgreSQL, that go on beside the tests that do not need it. */
  let attacked: Promise<Pair>;
  let browser: Browser;

  beforeAll(async () => {
    attacked = startPair(['audit', 'oracle', 'probes']);
    // Its failure is the failure of the tests that wait for it.
    attacked.catch(() => {});
    [site, browser] = await Promise.all([startPair(['audit', 'oracle']), launchBrowser()]);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await attacked?.then(
      (other) => other.stop(),
      () => {},
    );
  }, 300_000);

  const plant = ({ superuser, acme, globex }: Pair) =>
    superuser.query(`GRANT USAGE ON SCHEMA ${acme.schema} TO ${globex.schema}`);
  const remove = ({ superuser, acme, globex }: Pair) =>
    superuser.query(`REVOKE USAGE ON SCHEMA ${acme.schema} FROM ${globex.schema}`);

  test('an auditor accepts a finding until a day, and reopens it; both stand in the trail', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, {
      token: await site.key('auditor'),
    });
    await plant(site);
    try {
      await open('isolation/findings?state=open');
      const row = page.locator('[data-row]').filter({ hasText: site.globex.schema }).first();
      await row.waitFor({ timeout: 60_000 });
      await row.getByRole('link').click();
      const drawer = page.getByRole('dialog', { name: /./ });
      await drawer.getByRole('button', { name: 'Accept until a day…' }).click();
      const form = page.getByRole('dialog', { name: 'Accept this finding' });
      await form.getByLabel('Reason').fill('A migration of data, under supervision');
      await form.getByRole('button', { name: '7 days' }).click();
      await expectAccessible(page);
      await form.getByRole('button', { name: 'Accept finding' }).click();
      await page.getByText(/^Accepted by test auditor/).waitFor();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Reopen…' }).click();
      await page.getByRole('button', { name: 'Reopen finding' }).click();
      await page.getByRole('button', { name: 'Accept until a day…' }).waitFor();
      const { items } = await site.admin.call('listAudit', { query: { limit: 50 } });
      const actions = items.map(({ action }) => action).filter((action) => action.includes('finding'));
      expect(actions.join()).toMatch(/reopen.*accept/);
      complaints.expectNone();
    } finally {
      await remove(site);
    }
    await close();
  });

  test('“Verify now” runs with its steps on the page; an auditor has no such button', async () => {
    const admin = await visit(browser, site.url, { token: site.token });
    await admin.open('isolation/posture');
    const before = await admin.page.locator('[data-run]').first().getAttribute('data-run');
    await admin.page.getByRole('button', { name: 'Choose what to verify' }).click();
    await admin.page.getByRole('menuitem', { name: 'Catalogs only (audit and oracle)' }).click();
    await admin.page.locator(`[data-run]:not([data-run="${before}"])`).first().waitFor();
    admin.complaints.expectNone();
    await admin.close();
    const developer = await visit(browser, site.url, { token: await site.key('developer') });
    await developer.open('isolation/posture');
    expect(await developer.page.getByRole('button', { name: 'Verify now' }).count()).toBe(0);
    await developer.close();
  });

  test('a report is issued, listed, downloaded and its chain checked', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await open('isolation/evidence');
    await page.getByRole('button', { name: 'Issue a report' }).first().click();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Issue report' }).click();
    await page.getByText('Installation #1').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.locator('[data-chain=ok]').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Download installation #1' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Print (PDF)' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.pdf$/);
    complaints.expectNone();
    await close();
  });

  test('what is refused appears on the page of live events by itself', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await open('isolation/events');
    await page.getByText('Nothing has been refused').waitFor();
    await expectAccessible(page);
    await page.locator('[data-live=live]').waitFor();
    const now = new Date().toISOString();
    await site.admin.call('reportSecurityEvents', {
      body: {
        report: crypto.randomUUID(),
        source: 'lane',
        dropped: 0,
        events: [
          {
            kind: 'role-switch',
            tenantId: site.acme.id,
            cell: null,
            lane: 'sealed',
            sqlState: '42501',
            fingerprint: '0123456789abcdef',
            count: 3,
            firstAt: now,
            lastAt: now,
          },
        ],
      },
    });
    const row = page.locator('[data-row]').filter({ hasText: 'Role switch' });
    await row.waitFor();
    expect(await row.textContent()).toContain('42501');
    await expectAccessible(page);
    complaints.expectNone();
    await close();
  });

  test('the matrix shows every attack with what was expected and what PostgreSQL said', async () => {
    const other = await attacked;
    const { page, open, complaints, close } = await visit(browser, other.url, { token: other.token });
    await open('isolation/attacks');
    await page.getByText('positive controls hit').waitFor();
    // Each family says what it came to, and opens into its attacks.
    const family = page.locator('tr[data-family=read]');
    expect(await family.textContent()).toMatch(/Refused\d+/);
    expect(await family.textContent()).toMatch(/Hit\d+/);
    await expectAccessible(page);
    const row = page.locator('tr[data-attack="read.union"]');
    expect(await row.count()).toBe(0);
    await family.getByRole('button').click();
    await row.getByText('Refused').first().waitFor();
    const { items } = await other.admin.call('listIsolationRuns', { query: { part: 'probes', limit: 1 } });
    const { matrix } = await other.admin.call('getIsolationRun', { params: { run: items[0]!.id } });
    const attacks = new Set(matrix.filter((one) => one.family === 'read').map(({ attack }) => attack));
    expect(attacks.size).toBeGreaterThan(100);
    expect(await page.locator('tr[data-attack]').count()).toBe(attacks.size);
    expect(await row.textContent()).toContain('42501');
    expect(await row.textContent()).toContain('Hit');
    await row.getByRole('button').click();
    await page.getByText('expected 42501, actual 42501').first().waitFor();
    expect(await page.locator('pre').first().textContent()).toMatch(/UNION/i);
    // What a search leaves is shown at once, without its family being opened.
    await page.getByLabel('Search attacks').fill('read.union');
    await page.locator('tr[data-attack]').nth(1).waitFor({ state: 'detached' });
    await page.getByText('expected 42501, actual 42501').first().waitFor();
    await expectAccessible(page);
    await page.waitForURL(/q=read\.union/);
    const address = page.url();
    await page.reload();
    await page.getByText('expected 42501, actual 42501').first().waitFor();
    expect(page.url()).toBe(address);
    await page.getByLabel('Search attacks').fill('no attack is called so');
    await page.getByText('No attack fits these filters').waitFor();
    complaints.expectNone();
    await close();
  });

  test('the verdict turns red within the schedule when a grant is planted, and green when it is removed', async () => {
    const other = await attacked;
    const { page, open, complaints, close } = await visit(browser, other.url, {
      token: await other.key('auditor'),
    });
    await open('isolation/posture');
    await page.locator('[data-verdict=verified]').waitFor();
    await plant(other);
    try {
      const planted = performance.now();
      // One period until the next look, the look itself, and the way to the page.
      await page.locator('[data-verdict=failing]').waitFor({ timeout: 60_000 });
      expect(performance.now() - planted).toBeLessThan(auditEvery * 1000 + 20_000);
      for (const theme of themes) {
        await turn(page, theme);
        await expectAccessible(page);
      }
      // From the control to the check, the tenant and the SQL that mends it.
      await page.locator('[data-row]').filter({ hasText: 'Failing' }).first().getByRole('link').click();
      const drawer = page.getByRole('dialog');
      const { title } = await other.admin.call('getIsolationCheck', {
        params: { check: 'privilege.unknown' },
      });
      await drawer.getByRole('button').filter({ hasText: title }).filter({ hasText: 'Failing' }).click();
      await drawer.getByText('acme', { exact: true }).waitFor();
      await drawer
        .getByText(/REVOKE/)
        .first()
        .waitFor();
      expect(await drawer.locator('pre').first().textContent()).toContain(other.acme.schema);
      await expectAccessible(page);
      const address = page.url();
      await page.reload();
      await page
        .getByRole('dialog')
        .getByText(/REVOKE/)
        .first()
        .waitFor();
      expect(page.url()).toBe(address);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    } finally {
      await remove(other);
    }
    await page.locator('[data-verdict=verified]').waitFor({ timeout: 60_000 });
    complaints.expectNone();
    await close();
  });
});
