import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from './support/accessible.ts';
import { hasBrowser, launchBrowser } from './support/chromium.ts';
import { startProvider, type TestProvider } from './support/oidc.ts';
import { startProxy, type Proxy } from './support/proxy.ts';
import { startSite, type Site } from './support/site.ts';
import { themes, visit } from './support/visit.ts';

const prefix = '/ops/tenantry';

describe.skipIf(!hasBrowser)('signing in, behind a path prefix', { timeout: 90_000 }, () => {
  let proxy: Proxy;
  let provider: TestProvider;
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    proxy = await startProxy({ prefix });
    provider = await startProvider(proxy.url);
    const env = { ...provider.env, TENANTRY_TRUSTED_PROXIES: '127.0.0.1' };
    [site, browser] = await Promise.all([startSite(env), launchBrowser()]);
    proxy.pointTo(site.url);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await provider?.stop();
    await proxy?.stop();
  });

  test.for(themes)('the page is accessible, %s', async (theme) => {
    for (const size of ['desk', 'phone'] as const) {
      const { page, open, complaints, close } = await visit(browser, proxy.url, { theme, size });
      complaints.allow(/401/);
      await open('');
      await page.getByRole('link', { name: 'Continue with Example Login' }).waitFor();
      await expectAccessible(page);
      complaints.expectNone();
      await close();
    }
  });

  test('an API key leads to the screen that was asked for, and signing out ends the session', async () => {
    const { page, open, complaints, context, close } = await visit(browser, proxy.url);
    complaints.allow(/401/);
    await open('tenants?state=active');
    await page.getByLabel('API key').fill('tnt_nobody_knows_this_key');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key or link is not valid').waitFor();
    await expectAccessible(page);
    await page.getByLabel('API key').fill(site.token);
    await page.getByLabel('API key').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(`${prefix}/tenants?state=active`);
    const [cookie] = await context.cookies();
    expect(cookie?.httpOnly).toBe(true);
    expect(['Lax', 'Strict']).toContain(cookie?.sameSite);
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain('tnt_');

    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in to Tenantry' }).waitFor();
    const after = await context.request.get(`${proxy.url}/v1/me`);
    expect(after.status()).toBe(401);
    complaints.expectNone();
    await close();
  });

  test('by the OpenID provider, in the role that the claims give', async () => {
    const { page, open, complaints, context, close } = await visit(browser, proxy.url);
    complaints.allow(/401/);
    provider.letIn({ sub: 'ada', name: 'Ada Auditor', groups: ['security'] });
    await open('audit');
    await page.getByRole('link', { name: 'Continue with Example Login' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`${prefix}/audit`);
    await page.getByRole('button', { name: 'Account of Ada Auditor' }).waitFor();
    const me = (await (await context.request.get(`${proxy.url}/v1/me`)).json()) as { role: string };
    expect(me.role).toBe('auditor');
    complaints.expectNone();
    await close();
  });

  test('somebody without a role is told so, and is not let in', async () => {
    const { page, open, complaints, context, close } = await visit(browser, proxy.url);
    complaints.allow(/40[13]/);
    provider.letIn({ sub: 'eve', name: 'Eve', groups: ['marketing'] });
    await open('');
    await page.getByRole('link', { name: 'Continue with Example Login' }).click();
    await page.getByRole('heading', { level: 1, name: 'You have no access to this console' }).waitFor();
    await expectAccessible(page);
    expect((await context.request.get(`${proxy.url}/v1/me`)).status()).toBe(401);
    await close();
  });

  test('a change that another site sends with the cookie is refused', async () => {
    const { context, close } = await visit(browser, proxy.url, { token: site.token });
    const forged = await context.request.post(`${proxy.url}/v1/tenants`, { data: { slug: 'forged' } });
    expect(forged.status()).toBe(403);
    expect(((await forged.json()) as { code: string }).code).toBe('CSRF_REFUSED');
    await close();
  });
});
