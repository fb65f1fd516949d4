import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, expectFits } from './support/accessible.ts';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { fillWithDemo } from './support/demo.ts';
import { arrived } from './support/ready.ts';
import { screens, type Screen } from './support/screens.ts';
import { startSite, type Site } from './support/site.ts';
import { themes, turn, visit, type Size, type Theme, type Visit } from './support/visit.ts';

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
        await turn(page, theme);
        await expectAccessible(page).catch((error: unknown) => note(`${theme}: ${String(error)}`));
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
