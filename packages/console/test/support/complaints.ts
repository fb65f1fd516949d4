import type { BrowserContext, Page } from 'playwright-core';

/** What pages of a context have complained of. */
export interface Complaints {
  /** Errors of the console, exceptions, violations of the content security policy, answers of 500 and more; then forgets them. */
  take(): readonly string[];
  /** From now on, what fits is not a complaint: a test that provokes it says so. */
  allow(...patterns: readonly RegExp[]): void;
  /** Throws with all of them; then forgets them. */
  expectNone(): void;
}

/**
 * Listens to every page that a context opens. Call it before the first one is opened.
 *
 * A violation is reported by the document that it happens in, so the listener is there before the first script runs.
 */
export async function listenForComplaints(context: BrowserContext): Promise<Complaints> {
  const said: string[] = [];
  const allowed: RegExp[] = [];
  const complain = (what: string) => {
    if (!allowed.some((pattern) => pattern.test(what))) said.push(what);
  };
  await context.exposeBinding('reportViolation', (_source, what: string) => complain(`CSP: ${what}`));
  await context.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) => {
      window.reportViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber);
    });
  `);
  const attach = (page: Page) => {
    page.on('console', (message) => {
      if (message.type() === 'error') complain(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => complain(`exception: ${error.stack ?? error.message}`));
    page.on('response', (response) => {
      if (response.status() >= 500)
        complain(`answer: ${response.status()} ${response.request().method()} ${response.url()}`);
    });
  };
  context.on('page', attach);
  return {
    take: () => said.splice(0),
    allow: (...patterns) => void allowed.push(...patterns),
    expectNone() {
      const all = said.splice(0);
      if (all.length > 0) throw new Error(`The page complained:\n${all.join('\n')}`);
    },
  };
}
