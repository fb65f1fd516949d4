import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from './support/accessible.ts';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { startSite, type Site } from './support/site.ts';
import { visit } from './support/visit.ts';

const run = promisify(execFile);
const workspace = fileURLToPath(new URL('../../../', import.meta.url));

describe.skipIf(!hasBrowser)('the developers’ screens', { timeout: 120_000 }, () => {
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    [site, browser] = await Promise.all([startSite(), launchBrowser()]);
    await site.tenant('north-wind', { name: 'North Wind' });
    await site.tenant('list', { name: 'A tenant whose slug is a name of the code' });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  const codeOf = async (page: Page, label: string | RegExp) =>
    (await page.getByRole('region', { name: label }).textContent()) ?? '';
  /** Where an application would have it: on the machine of the control plane. */
  const environment = () => ({
    ...process.env,
    TENANTRY_HOME: site.home,
    TENANTRY_URL: site.url,
    TENANTRY_TOKEN: site.token,
    TOKEN: site.token,
  });
  const runCode = (code: string, folder: string) =>
    run(process.execPath, ['--input-type=module-typescript', '--eval', code], {
      cwd: join(workspace, folder),
      env: environment(),
    });

  test('the programs on the page do what they say, filled with the chosen tenant', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await open('docs/snippets?tenant=north-wind&library=kysely');
    await page.getByText('Filled with north-wind').waitFor();
    const first = await codeOf(page, /^first-query/);
    expect(first).toContain("tenancy.resolve('north-wind')");
    const { stdout } = await runCode(first, 'examples/quick-start');
    expect(stdout).toContain('north-wind sees');
    expect(stdout.match(/refused: 42501/g)).toHaveLength(2);
    expect(stdout).toContain('TENANT_CONTEXT_MISSING');
    for (const library of ['kysely', 'drizzle', 'pg']) {
      await open(`docs/snippets?tenant=north-wind&library=${library}`);
      const program = await codeOf(page, /^as-tenant/);
      expect((await runCode(program, 'examples/guides')).stdout).toContain('Wile E. Coyote');
    }
    complaints.expectNone();
    await close();
  });

  test('code does not count as filled while one of its two tenants is not known', async () => {
    const { page, open, close } = await visit(browser, site.url, { token: site.token });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await page.route(/\/v1\/tenants\?.*limit=2\b/, async (route) => {
      await released;
      await route.continue();
    });
    await open('docs/snippets?tenant=north-wind');
    await page.getByText('Reading the tenants').waitFor();
    // The first is known: by it alone the code would be filled with a neighbour that nobody has.
    await page
      .getByRole('region', { name: /^first-query/ })
      .getByText('north-wind')
      .first()
      .waitFor();
    expect(await page.getByText('Filled with').count()).toBe(0);
    release();
    await page.getByText('Filled with north-wind').waitFor();
    expect(await codeOf(page, /^first-query/)).toContain("tenancy.resolve('list')");
    await close();
  });

  test('a slug that the code has as a name is no trouble', async () => {
    const { page, open, close } = await visit(browser, site.url, { token: site.token });
    await open('docs/snippets?tenant=list');
    await page.getByText('Filled with list').waitFor();
    const { stdout } = await runCode(await codeOf(page, /^first-query/), 'examples/quick-start');
    expect(stdout).toContain('list sees');
    await close();
  });

  test('the curl commands work as they stand', async () => {
    const { page, open, close } = await visit(browser, site.url, { token: site.token });
    await open('docs/snippets?tenant=north-wind');
    await page.getByText('Filled with north-wind').waitFor();
    for (const label of ['Read the tenant', 'Where it lives, as an application asks']) {
      const command = await codeOf(page, label);
      const { stdout } = await run('bash', ['-c', command], { env: environment() });
      expect(JSON.parse(stdout)).toMatchObject({ slug: 'north-wind' });
    }
    await close();
  });

  test('the files of a framework and a library are those that the command writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry scaffold '));
    const { page, open, close } = await visit(browser, site.url, { token: site.token });
    try {
      for (const [framework, library] of [
        ['nestjs', 'prisma'],
        ['hono', 'drizzle'],
      ] as const) {
        const project = join(folder, framework);
        const command = [
          'scaffold',
          'api',
          '--framework',
          framework,
          '--db',
          library,
          '--name',
          'my-api',
          project,
        ];
        await run(process.execPath, [join(workspace, 'packages/server/bin/tenantry.mjs'), ...command]);
        await open(`docs/snippets?framework=${framework}&library=${library}`);
        const files = page.getByRole('navigation', { name: 'Files of the project' }).getByRole('button');
        for (const button of await files.all()) {
          const path = (await button.textContent()) ?? '';
          await button.click();
          const shown = await page.getByRole('region', { name: path, exact: true }).textContent();
          expect(shown, path).toBe((await readFile(join(project, path), 'utf8')).trimEnd());
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
      await close();
    }
  });

  test('the reference calls what it describes; what changes something has to be allowed first', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await open('docs/reference');
    await page.getByLabel('Search the API').fill('getTenant');
    await page.getByRole('link', { name: /getTenant$/ }).click();
    await page.getByRole('heading', { level: 2, name: 'getTenant' }).waitFor();
    await page.getByRole('textbox', { name: /^tenant/ }).fill('north-wind');
    await page.getByRole('button', { name: 'Run' }).click();
    const answer = page.getByRole('region', { name: 'Answer', exact: true });
    await answer.getByText('200 OK').waitFor();
    expect(await answer.locator('pre').textContent()).toContain('North Wind');
    await expectAccessible(page);

    await open('docs/reference?op=suspendTenant');
    await page.getByRole('textbox', { name: /^tenant/ }).fill('list');
    await page.getByRole('textbox', { name: 'Body' }).fill('{"reason":"tried in the reference"}');
    expect(await page.getByRole('button', { name: 'Run' }).isDisabled()).toBe(true);
    await page.getByText('Allow writes').click();
    await page.getByRole('button', { name: 'Run' }).click();
    await answer.getByText('200 OK').waitFor();
    expect((await site.admin.call('getTenant', { params: { tenant: 'list' } })).state).toBe('suspended');
    await site.admin.call('resumeTenant', { params: { tenant: 'list' } });
    complaints.expectNone();
    await close();
  });

  test('a developer who lacks a permission is told by the server which', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, {
      token: await site.key('developer'),
    });
    complaints.allow(/403/);
    await open('docs/reference?op=createTenant');
    await page.getByRole('textbox', { name: 'Body' }).fill('{"slug":"mine"}');
    await page.getByText('Allow writes').click();
    await page.getByRole('button', { name: 'Run' }).click();
    const answer = page.getByRole('region', { name: 'Answer', exact: true });
    await answer.getByText('403 Forbidden').waitFor();
    expect(await answer.locator('pre').textContent()).toContain('tenants:write');
    complaints.expectNone();
    await close();
  });

  test('the playground: rows for the one tenant, 42501 for the other', async () => {
    const { page, open, complaints, close } = await visit(browser, site.url, { token: site.token });
    await open('docs/playground');
    await page.getByText('Two sandbox tenants are needed').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Provision the sandbox tenants' }).click();
    await page.getByRole('button', { name: 'Run as both' }).click();
    const refused = page.locator('[data-refused="42501"]');
    await refused.waitFor();
    expect(await refused.textContent()).toContain('permission denied for schema');
    expect(await refused.count()).toBe(1);
    await page.getByText('1 row').waitFor();
    await expectAccessible(page);
    await page.reload();
    expect(await page.getByLabel('SQL').inputValue()).toContain('SELECT current_user');
    await page.getByLabel('SQL').fill('SELEC 1');
    await page.getByLabel('SQL').press('Control+Enter');
    await page.locator('[data-refused="42601"]').first().waitFor();
    complaints.expectNone();
    await close();
  });
});
