import type { Browser, BrowserContext, Page } from 'playwright-core';
import { listenForComplaints, type Complaints } from './complaints.ts';

export const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** A desk and a telephone. */
export const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof sizes;

export interface VisitOptions {
  readonly theme?: Theme;
  readonly size?: Size;
  /** An API key to sign in with; absent: nobody is signed in. */
  readonly token?: string;
}

/** Somebody at a browser: a profile of its own with one page. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: Complaints;
  /** Goes to an address of the console, as `tenants?state=active`, and waits for its heading. */
  readonly open: (path: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** `url`: of the control plane or of a proxy before it. Nothing has been opened yet. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { theme = 'light', size = 'desk', token } = options;
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...(size === 'phone' ? { hasTouch: true, isMobile: true } : {}),
  });
  const complaints = await listenForComplaints(context);
  if (token !== undefined) await signInAs(context, url, token);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return {
    context,
    page,
    complaints,
    async open(path) {
      await page.goto(`${url}/${path}`);
      await page.locator('h1').first().waitFor();
    },
    close: () => context.close(),
  };
}

/** The way of the sign-in page, without its form: the cookie is the browser's from then on. */
export async function signInAs(context: BrowserContext, url: string, token: string): Promise<void> {
  const response = await context.request.post(`${url}/v1/session`, {
    data: { apiKey: token },
    headers: { origin: new URL(url).origin },
  });
  if (!response.ok()) throw new Error(`${response.status()} ${await response.text()}`);
}

/** As when a system turns dark in the evening: the console follows it, and has when this is over. */
export async function turn(page: Page, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await page.locator(`html.${theme}`).waitFor();
}
