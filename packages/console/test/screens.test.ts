import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, expectFits } from './support/accessible.ts';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { fillWithDemo } from './support/demo.ts';
import { arrived } from './support/ready.ts';
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

/** What somebody of one tenant may not see, of each frame one: the permission that is missing is named. */
const closed: readonly Screen[] = [
  { path: 'audit', shows: 'audit:read' },
  { path: 'isolation/posture', shows: 'isolation:read' },
  { path: 'docs/playground', shows: 'playground:run' },
  { path: 'settings/keys', shows: 'keys:read' },
];

/** The theme that a screen is opened in; the other one is switched to, as when a system turns dark in the evening. */
type Look = readonly [Size, Theme];

const looks: readonly Look[] = [
  ['desk', 'light'],
  ['phone', 'dark'],
];

describe.skipIf(!hasBrowser)('every screen', { timeout: 900_000 }, () => {
  let site: Site;
  let browser: Browser;
  let all: readonly Screen[];

  beforeAll(async () => {
    [site, browser] = await Promise.all([startSite(), launchBrowser()]);
    const { failed } = await fillWithDemo(site);
    all = failed === undefined ? screens : [...screens, { path: `operations/${failed}`, shows: 'failed' }];
    const { operation } = await site.admin.call('startIsolationRun', {
      body: { parts: ['audit', 'oracle'] },
    });
    await site.finished(operation.id);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  /** Everything that is wrong with a screen. */
  async function wrongWith({ page, open, complaints }: Visit, screen: Screen, [size, first]: Look) {
    const wrong: string[] = [];
    const note = (error: unknown) => wrong.push(error instanceof Error ? error.message : String(error));
    await page.emulateMedia({ colorScheme: first });
    try {
      await open(screen.path);
      await page.getByText(screen.shows).first().waitFor();
      await arrived(page);
      for (const theme of themes.toSorted((a) => (a === first ? -1 : 1))) {
        await page.emulateMedia({ colorScheme: theme });
        await page.locator(`html.${theme}`).waitFor();
        await expectAccessible(page, { colours: theme !== first }).catch((error: unknown) =>
          note(`${theme}: ${String(error)}`),
        );
      }
      if (size === 'phone') await expectFits(page);
    } catch (error) {
      note(error);
    }
    return [...wrong, ...complaints.take()].map((what) => `${screen.path} (${size}): ${what}`);
  }

  async function expectQuiet(token: string, which: readonly Screen[], look: Look): Promise<void> {
    const [size, theme] = look;
    const guest = await visit(browser, site.url, { theme, size, token });
    guest.complaints.allow(/404/);
    const wrong: string[] = [];
    // All of them are looked at, so that one run says everything that is wrong.
    for (const screen of which) wrong.push(...(await wrongWith(guest, screen, look)));
    await guest.close();
    expect(wrong).toEqual([]);
    expect(site.said()).not.toContain('content security policy of the console has stopped something');
  }

  test.concurrent.for(looks)('is accessible and quiet: %s, %s first', (look) =>
    expectQuiet(site.token, all, look),
  );

  test.concurrent.for(looks)('says what a role lacks, accessible and quiet: %s, %s first', async (look) =>
    expectQuiet(await site.key('tenant', 'northwind'), closed, look),
  );
});
