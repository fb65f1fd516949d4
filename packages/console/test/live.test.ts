import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { startProxy, type Proxy } from './support/proxy.ts';
import { startSite, type Site } from './support/site.ts';
import { visit } from './support/visit.ts';

describe.skipIf(!hasBrowser)('the live channel', { timeout: 120_000 }, () => {
  let proxy: Proxy;
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    proxy = await startProxy();
    [site, browser] = await Promise.all([startSite(), launchBrowser()]);
    proxy.pointTo(site.url);
    for (const slug of ['acme', 'globex', 'initech']) await site.tenant(slug, { name: slug.toUpperCase() });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await proxy?.stop();
  });

  const badge = (slug: string) => `[data-row]:has-text("${slug}")`;

  test('a tenant that is suspended in one browser appears so in another within two seconds', async () => {
    const ops = await visit(browser, site.url, { token: site.token });
    const watcher = await visit(browser, site.url, { token: await site.key('auditor') });
    await watcher.open('tenants?sort=slug');
    await watcher.page.locator('[data-live=live]').waitFor();
    const row = watcher.page.locator(badge('acme'));
    await row.getByText('active').waitFor();

    await ops.open('tenants?q=acme');
    await ops.page.locator(badge('acme')).getByRole('link').first().click();
    await ops.page.getByRole('button', { name: 'Suspend' }).click();
    const dialog = ops.page.getByRole('alertdialog');
    await dialog.getByLabel(/^Reason/).fill('unpaid invoice');
    const answered = ops.page.waitForResponse((answer) => answer.url().endsWith('/suspend') && answer.ok());
    await dialog.getByRole('button', { name: 'Suspend tenant' }).click();
    await answered;
    const since = performance.now();
    await row.getByText('suspended').waitFor();
    expect(performance.now() - since).toBeLessThan(2_000);
    ops.complaints.expectNone();
    watcher.complaints.expectNone();
    await ops.close();
    await watcher.close();
  });

  test('the network goes away and comes back: it is said, and nothing is missed', async () => {
    const { page, open, complaints, close } = await visit(browser, proxy.url, { token: site.token });
    complaints.allow(/ERR_|Failed to (load|fetch)|502/);
    await open('tenants?sort=slug');
    await page.locator('[data-live=live]').waitFor();
    await page.locator(badge('globex')).getByText('active').waitFor();
    await proxy.cut();
    await page.locator('[data-live=reconnecting]').waitFor();
    await site.admin.call('suspendTenant', { params: { tenant: 'globex' }, body: { reason: 'while away' } });
    await site.tenant('hooli', { name: 'HOOLI' });
    await proxy.restore();
    await page.locator('[data-live=live]').waitFor();
    await page.locator(badge('globex')).getByText('suspended').waitFor();
    await page.locator(badge('hooli')).getByText('active').waitFor();
    complaints.expectNone();
    await close();
  });

  test('a second tab shares the stream of the first', async () => {
    const { context, page, open, close } = await visit(browser, site.url, { token: site.token });
    let streams = 0;
    context.on('request', (request) => {
      if (request.url().includes('/v1/events')) streams += 1;
    });
    await open('tenants?sort=slug');
    await page.locator('[data-live=live]').waitFor();
    const second = await context.newPage();
    await second.goto(`${site.url}/tenants?sort=slug`);
    await second.locator('[data-live=live]').waitFor();
    await site.admin.call('suspendTenant', { params: { tenant: 'initech' } });
    for (const tab of [page, second]) await tab.locator(badge('initech')).getByText('suspended').waitFor();
    expect(streams).toBe(1);
    await close();
  });
});
