import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, expectFits } from './support/accessible.ts';
import { everyScreen, hasBrowser, launchBrowser } from './support/chromium.ts';
import { fillWithDemo, type Demo } from './support/demo.ts';
import { startSite, type Site } from './support/site.ts';
import { themes, visit, type Size, type Theme, type Visit } from './support/visit.ts';

interface Screen {
  readonly path: string;
  /** Something that is there when the screen has its data. */
  readonly shows: string;
}

/** Every screen, and of some a state that has a look of its own: a drawer, a filter that nothing fits, an error. */
const screens: readonly Screen[] = [
  { path: '', shows: 'Tenants by state' },
  { path: 'tenants', shows: 'Northwind Traders' },
  { path: 'tenants?q=nobody-is-called-so', shows: 'No tenant matches' },
  { path: 'tenants/new', shows: 'Who is the tenant?' },
  { path: 'tenants/northwind', shows: 'Northwind Traders' },
  { path: 'tenants/northwind/schema', shows: 'flyway_schema_history' },
  { path: 'tenants/northwind/security', shows: 'sealed' },
  { path: 'tenants/northwind/activity', shows: 'local administrator' },
  { path: 'tenants/northwind/settings', shows: 'Northwind Traders' },
  { path: 'tenants/al-noor', shows: 'شركة النور' },
  { path: 'tenants/long-name', shows: 'Merchants, Navigators' },
  { path: 'tenants/t_aaaaaaaaaaaa', shows: 'There is no such tenant' },
  { path: 'operations', shows: 'northwind' },
  { path: 'isolation/posture', shows: 'SOC 2 CC6.1' },
  { path: 'isolation/posture?control=SOC2:CC6.1', shows: 'support this control' },
  { path: 'isolation/posture?view=checks', shows: 'checks' },
  { path: 'isolation/attacks', shows: 'attacks' },
  { path: 'isolation/findings', shows: 'Severity' },
  { path: 'isolation/findings?q=nothing-is-called-so', shows: 'No finding fits' },
  { path: 'isolation/evidence', shows: 'Verify the chain' },
  { path: 'isolation/events', shows: 'Role switch' },
  { path: 'audit', shows: 'local administrator' },
  { path: 'docs/reference?op=createTenant', shows: 'Idempotency-Key' },
  { path: 'docs/snippets?tenant=northwind', shows: 'Filled with northwind' },
  { path: 'docs/playground', shows: 'Run as both' },
  { path: 'settings', shows: 'Theme' },
  { path: 'settings/keys', shows: 'local administrator' },
  { path: 'settings/sessions', shows: 'This browser' },
  { path: 'settings/cells', shows: 'default' },
  { path: 'settings/readers', shows: 'reader' },
  { path: 'settings/options', shows: 'TENANTRY_HOME' },
  { path: 'nowhere/at-all', shows: 'There is no page at this address' },
];

const looks = themes.flatMap((theme) =>
  (['desk', 'phone'] as const).map((size): readonly [Theme, Size] => [theme, size]),
);

describe.skipIf(!hasBrowser || !everyScreen)('every screen', { timeout: 300_000 }, () => {
  let site: Site;
  let browser: Browser;
  let demo: Demo;

  beforeAll(async () => {
    [site, browser] = await Promise.all([startSite(), launchBrowser()]);
    demo = await fillWithDemo(site);
    const { operation } = await site.admin.call('startIsolationRun', {
      body: { parts: ['audit', 'oracle'] },
    });
    await site.finished(operation.id);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  async function look({ page, open }: Visit, { path, shows }: Screen, size: Size): Promise<void> {
    await open(path);
    await page.getByText(shows).first().waitFor();
    await expectAccessible(page);
    if (size === 'phone') await expectFits(page);
  }

  test.for(looks)('is accessible and quiet: %s, %s', async ([theme, size]) => {
    const guest = await visit(browser, site.url, { theme, size, token: site.token });
    guest.complaints.allow(/404/);
    const wrong: string[] = [];
    for (const screen of screens) {
      // All of them are looked at, so that one run says everything that is wrong.
      await look(guest, screen, size).catch((error: unknown) =>
        wrong.push(`${screen.path}: ${error instanceof Error ? error.message : String(error)}`),
      );
      wrong.push(...guest.complaints.take().map((said) => `${screen.path}: ${said}`));
    }
    const failed = demo.failed;
    if (failed !== undefined) await look(guest, { path: `operations/${failed}`, shows: 'failed' }, size);
    await guest.close();
    expect(wrong).toEqual([]);
    expect(site.said()).not.toContain('content security policy of the console has stopped something');
  });
});
