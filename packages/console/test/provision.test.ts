import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from './support/accessible.ts';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { startSite, type Site } from './support/site.ts';
import { visit } from './support/visit.ts';

const notes = 'CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);\n';
const tags = 'CREATE TABLE tags (note int NOT NULL REFERENCES notes, tag text NOT NULL);\n';
/** It parses, and nothing but PostgreSQL can know that it does not run. */
const broken = "INSERT INTO notes (text) VALUES ('kept'), (NULL);\n";

describe.skipIf(!hasBrowser)('the provisioning wizard', { timeout: 120_000 }, () => {
  let migrations: string;
  let site: Site;
  let browser: Browser;
  const write = (name: string, sql: string) => writeFile(join(migrations, name), sql);

  beforeAll(async () => {
    migrations = await mkdtemp(join(tmpdir(), 'tenantry migrations '));
    await write('V1__notes.sql', notes);
    await write('V2__tags.sql', tags);
    [site, browser] = await Promise.all([startSite({ TENANTRY_MIGRATIONS: migrations }), launchBrowser()]);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await rm(migrations, { recursive: true, force: true });
  });

  /** From the form to the start of the run. */
  async function provision(page: Page, name: string, slug: string): Promise<void> {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByText(`“${slug}” is free`).waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('cell', { name: 'V1__notes.sql' }).waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Provision tenant' }).click();
  }

  test('a tenant, from its name to its schema, with every step and file on the way', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await open('tenants/new');
    await provision(page, 'Wayne Enterprises', 'wayne-enterprises');
    await page.getByText('The tenant is active.').waitFor();
    const steps = page.locator('li[data-step]');
    expect(await steps.count()).toBeGreaterThan(1);
    for (const step of await steps.all()) expect(await step.getAttribute('data-state')).toBe('succeeded');
    await page.getByText('V1__notes.sql').waitFor();
    await page.getByText('V2__tags.sql').waitFor();
    await expectAccessible(page);

    // The server knows the run: a reload shows the same.
    await page.reload();
    await page.getByText('The tenant is active.').waitFor();
    await page.getByRole('link', { name: 'Open the tenant' }).click();
    await page.getByRole('heading', { level: 1, name: 'Wayne Enterprises' }).waitFor();
    const tenant = await site.admin.call('getTenant', { params: { tenant: 'wayne-enterprises' } });
    expect(tenant).toMatchObject({ state: 'active', schemaVersion: '2' });
    const { rows } = await site.superuser.query(
      'SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1',
      [tenant.schema],
    );
    expect(rows.map(({ tablename }) => tablename as string)).toContain('tags');
    complaints.expectNone();
    await close();
  });

  test('a draft survives a reload, and going back loses nothing', async () => {
    const { page, open, close } = await visit(browser, site.url, { token: site.token });
    await open('tenants/new');
    await page.getByLabel('Name', { exact: true }).fill('Stark Industries');
    await page.getByText('“stark-industries” is free').waitFor();
    await page.reload();
    await page.getByText('“stark-industries” is free').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Stark Industries');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('cell', { name: 'V1__notes.sql' }).waitFor();
    await page.goBack();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Stark Industries');
    await close();
  });

  test('a migration that PostgreSQL refuses is rolled back before one’s eyes, and retried when it is mended', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await write('V3__seed.sql', broken);
    try {
      await open('tenants/new');
      await provision(page, 'Cyberdyne Systems', 'cyberdyne-systems');
      const failed = page.locator('li[data-state=failed]');
      await failed.waitFor();
      const text = (await failed.textContent()) ?? '';
      expect(text).toContain('V3__seed.sql');
      expect(text).toContain('SQLSTATE 23502');
      await page.getByText('Rollback:').first().waitFor();
      await page.getByText('Nothing is left of it in PostgreSQL').waitFor();
      await expectAccessible(page);
      const { rows } = await site.superuser.query(
        "SELECT count(*)::int AS n FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{12}$'",
      );
      const before = rows[0] as { n: number };

      await write('V3__seed.sql', "INSERT INTO notes (text) VALUES ('kept');\n");
      await page.getByRole('button', { name: 'Retry' }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^(?:Retry|Run)/ })
        .click();
      await page.getByText('The tenant is active.').waitFor();
      const after = await site.superuser.query(
        "SELECT count(*)::int AS n FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{12}$'",
      );
      expect((after.rows[0] as { n: number }).n).toBe(before.n + 1);
      const { items } = await site.admin.call('listAudit', {
        query: { action: 'tenant.provision', outcome: 'failure' },
      });
      expect(items.map(({ action }) => action)).toContain('tenant.provision');
      complaints.expectNone();
    } finally {
      await rm(join(migrations, 'V3__seed.sql'), { force: true });
      await close();
    }
  });
});
