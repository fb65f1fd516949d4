import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { settled } from './ready.ts';

/** WCAG 2.2 AA, and what axe holds to be good practice: one h1, landmarks, order of headings. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Fails with every violation that axe finds, by rule, element and what axe says of it. */
export async function expectAccessible(page: Page): Promise<void> {
  await settled(page);
  // The other mode opens a second page for each look, which costs a second and proves nothing for pages without frames.
  const { violations } = await new AxeBuilder({ page }).withTags(tags).setLegacyMode(true).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}\n    ${failureSummary ?? ''}`),
  );
  expect(found, `axe at ${page.url()}`).toEqual([]);
  expect(await page.locator('h1').count(), `h1 at ${page.url()}`).toBe(1);
}

/** Nothing is wider than the window: a person on a phone does not scroll sideways to read. */
export async function expectFits(page: Page): Promise<void> {
  const [content, window] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )) as [number, number];
  expect(content, `width at ${page.url()}`).toBeLessThanOrEqual(window);
}
