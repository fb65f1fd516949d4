import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { startSite, type Site } from './support/site.ts';
import { visit } from './support/visit.ts';

/** What a first load may transfer, as it comes over the wire. */
const mostTransferred = 250_000;

describe.skipIf(!hasBrowser)('with 10,000 tenants', { timeout: 120_000 }, () => {
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    [site, browser] = await Promise.all([startSite(), launchBrowser()]);
    const template = await site.tenant('template');
    // Rows of the registry alone: their schemas are of no interest to a list.
    await site.superuser.query(
      `INSERT INTO tenantry.tenants
       SELECT (jsonb_populate_record(t, jsonb_build_object(
                'id', 't_' || lpad(translate(to_hex(n), '0189', 'ghij'), 12, 'z'),
                'schema', 't_' || lpad(translate(to_hex(n), '0189', 'ghij'), 12, 'z'),
                'schema_name', 't_' || lpad(translate(to_hex(n), '0189', 'ghij'), 12, 'z'),
                'slug', 'customer-' || n,
                'name', 'Customer Number ' || n))).*
       FROM tenantry.tenants t, generate_series(1, 10000) n WHERE t.id = $1`,
      [template.id],
    );
    await site.superuser.query('ANALYZE tenantry.tenants');
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  test('the list answers a search within 300 ms of the last key', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await open('tenants');
    await page.getByText(/of 10,00[01]|of 10,000\+/).waitFor();
    const search = page.getByLabel('Search tenants');
    /** From the last key to the frame that shows the answer, measured in the page. */
    const timeOf = async (text: string): Promise<number> => {
      await search.fill('');
      await page.getByText(/of 10,00[01]|of 10,000\+/).waitFor();
      const measured = page.evaluate(`new Promise((resolve) => {
        let last = 0;
        addEventListener('keydown', () => { last = performance.now(); }, { capture: true });
        const look = () => {
          const rows = document.querySelectorAll('tbody [data-row]');
          const fits = rows.length > 0 && [...rows].every((row) => row.textContent.toLowerCase().includes(${JSON.stringify(text)}));
          if (last > 0 && fits && document.querySelector('input[type=search]').value.toLowerCase() === ${JSON.stringify(text)}) resolve(performance.now() - last);
          else requestAnimationFrame(look);
        };
        look();
      })`);
      await search.pressSequentially(text, { delay: 20 });
      return Number(await measured);
    };
    const times: number[] = [];
    for (const text of [7771, 4242, 120, 8315, 64, 2903, 5555].map((n) => `customer-${n}`))
      times.push(await timeOf(text));
    const median = times.toSorted((a, b) => a - b)[3]!;
    expect(median, `of ${times.map(Math.round).join(', ')} ms`).toBeLessThan(300);
    complaints.expectNone();
    await close();
  });

  test('the browser holds one page of the list, and pages lead on', async () => {
    const { page, open, close } = await visit(browser, site.url, { token: site.token });
    await open('tenants?sort=slug&limit=100');
    const rows = page.locator('tbody [data-row]');
    await rows.nth(99).waitFor();
    expect(await rows.count()).toBe(100);
    const first = await rows.first().getAttribute('data-row');
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText(/^101–200/).waitFor();
    const address = page.url();
    await page.reload();
    await page.getByText(/^101–200/).waitFor();
    expect(page.url()).toBe(address);
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.getByText(/^1–100/).waitFor();
    expect(await rows.first().getAttribute('data-row')).toBe(first);
    await close();
  });

  test('the first load transfers less than 250 kB', async () => {
    const { context, page, open, close } = await visit(browser, site.url, { token: site.token });
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    let transferred = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (transferred += encodedDataLength));
    await open('tenants');
    await page.locator('tbody [data-row]').first().waitFor();
    expect(transferred).toBeGreaterThan(50_000);
    expect(transferred).toBeLessThan(mostTransferred);
    await close();
  });
});
