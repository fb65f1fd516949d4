import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { settled } from './ready.ts';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const options: RunOptions = {
  // WCAG 2.2 AA, and what axe holds to be good practice: one h1, landmarks, order of headings.
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
};

/** Fails with every violation that axe finds, by rule, element and what axe says of it. */
export async function expectAccessible(page: Page): Promise<void> {
  await settled(page);
  // Once for each document: reading axe takes a browser longer than looking at a screen with it.
  if (!(await page.evaluate<boolean>(`typeof axe === 'object'`))) await page.evaluate(axe);
  const { violations, passes } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(options)})`);
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}\n    ${failureSummary ?? ''}`),
  );
  expect(found, `axe at ${page.url()}`).toEqual([]);
  expect(passes.length, `rules that had something to look at, at ${page.url()}`).toBeGreaterThan(0);
  expect(await page.locator('h1').count(), `h1 at ${page.url()}`).toBe(1);
}

/** Nothing is wider than the window: a person on a phone does not scroll sideways to read. */
export async function expectFits(page: Page): Promise<void> {
  const [content, window] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )) as [number, number];
  expect(content, `width at ${page.url()}`).toBeLessThanOrEqual(window);
}
