import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from './support/accessible.ts';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { arrived } from './support/ready.ts';
import { startSite, type Site } from './support/site.ts';
import { visit } from './support/visit.ts';

describe.skipIf(!hasBrowser)(
  'by the keyboard, after a reload, and in every role',
  { timeout: 180_000 },
  () => {
    let site: Site;
    let browser: Browser;

    beforeAll(async () => {
      [site, browser] = await Promise.all([startSite(), launchBrowser()]);
      for (const slug of ['acme', 'globex', 'initech']) await site.tenant(slug, { name: slug.toUpperCase() });
    }, 240_000);
    afterAll(async () => {
      await browser?.close();
      await site?.stop();
    });

    test('from the overview to a suspended tenant without a mouse', async () => {
      const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
      await open('');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
      await page.keyboard.press('g');
      await page.keyboard.press('t');
      await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('glob');
      await page.locator('[data-row]:has-text("globex")').waitFor();
      await page.locator('[data-row]:has-text("acme")').waitFor({ state: 'hidden' });
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.locator('[data-row]:has-text("acme")').waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('k');
      const chosen = String(await page.evaluate("document.activeElement.closest('[data-row]').dataset.row"));
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Suspend' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search tenants and commands' }).waitFor();
      await expectAccessible(page);
      await page.keyboard.type('suspend this');
      await page.keyboard.press('Enter');
      await page.getByRole('alertdialog').waitFor();
      await expectAccessible(page);
      await page.keyboard.type('by the keyboard');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Resume' }).waitFor();
      expect(await site.admin.call('getTenant', { params: { tenant: chosen } })).toMatchObject({
        state: 'suspended',
        stateReason: 'by the keyboard',
      });
      await page.keyboard.press('?');
      await page.getByRole('dialog').getByText('They do nothing while you type.').waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.keyboard.press('i');
      await page.getByRole('heading', { level: 1, name: 'Isolation' }).waitFor();
      await page.keyboard.press('2');
      await page.getByText('No attacks have been run yet').waitFor();
      complaints.expectNone();
      await close();
    });

    test('a reload restores every list', async () => {
      const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
      const lists = [
        'tenants?state=active&sort=-name&q=a',
        'operations?state=succeeded',
        'audit?action=tenant.create',
        'isolation/findings?state=resolved&severity=high&sort=-lastSeenAt',
        'isolation/posture?view=checks&part=audit&q=schema',
        'isolation/events?kind=denied',
        'docs/reference?q=tenant&op=listTenants',
        'docs/snippets?tenant=acme&framework=hono&library=pg&file=src/database.ts',
      ];
      for (const list of lists) {
        await open(list);
        await arrived(page);
        const before = [page.url(), await page.locator('main').innerText()];
        await page.reload();
        await arrived(page);
        await expect
          .poll(
            async () =>
              (await page.locator('main').innerText()).replaceAll(/\d+ (?:s|min\.) ago|just now/g, ''),
            {
              timeout: 15_000,
            },
          )
          .toBe(before[1]!.replaceAll(/\d+ (?:s|min\.) ago|just now/g, ''));
        expect(decodeURIComponent(new URL(page.url()).search)).toBe(
          decodeURIComponent(new URL(before[0]!).search),
        );
        expect(decodeURIComponent(page.url())).toContain(list.split('?')[1]!.split('&')[0]!);
      }
      complaints.expectNone();
      await close();
    });

    test('an auditor sees everything and no button that changes it; the server says what is missing', async () => {
      const { page, open, complaints, context, close } = await visit(browser, site.url, {
        token: await site.key('auditor'),
      });
      for (const path of [
        'tenants',
        'tenants/acme',
        'tenants/acme/settings',
        'operations',
        'settings/keys',
      ]) {
        await open(path);
        await arrived(page);
        const changes = page.getByRole('main').getByRole('button', {
          name: /^(?:Suspend|Resume|Archive|Delete|Purge|Provision|Create|Revoke|Rotate|Save|Add)\b/,
        });
        expect(await changes.count(), path).toBe(0);
      }
      await open('tenants/new');
      await page.getByText('Your role does not include this').waitFor();
      expect(await page.getByRole('main').innerText()).toContain('tenants:write');
      await expectAccessible(page);
      const me = (await (await context.request.get(`${site.url}/v1/me`)).json()) as {
        session: { csrfToken: string };
      };
      const refused = await context.request.post(`${site.url}/v1/tenants/acme/suspend`, {
        data: {},
        headers: { 'x-tenantry-csrf': me.session.csrfToken, origin: site.url },
      });
      expect(refused.status()).toBe(403);
      expect(((await refused.json()) as { detail: string }).detail).toContain('tenants:write');
      complaints.expectNone();
      await close();
    });

    test('a tenant’s own administrator sees that tenant and no other', async () => {
      const { page, open, complaints, close } = await visit(browser, site.url, {
        token: await site.key('tenant', 'acme'),
      });
      complaints.allow(/40[34]/);
      await open('tenants');
      await page.locator('[data-row]:has-text("acme")').waitFor();
      expect(await page.locator('[data-row]').count()).toBe(1);
      await open('tenants/globex');
      await page.getByText('There is no such tenant').first().waitFor();
      expect(await page.getByRole('navigation', { name: 'Main' }).innerText()).not.toContain('Audit');
      complaints.expectNone();
      await close();
    });
  },
);
