import type { Page } from 'playwright-core';

/** A movement that runs and has not ended by then does not end: that of a page which draws no frames. */
const longestMovementMs = 10_000;

/**
 * Waits until what moves and ends has ended: a colour in the middle of a transition is nobody's choice. A movement may follow from one
 * that has ended, or be the next frame's, so that it is asked again.
 */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const end = performance.now() + ${longestMovementMs};
    // A page that draws nothing has no frames.
    const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve); setTimeout(resolve, 100); });
    for (;;) {
      await frame();
      await frame();
      const ending = document.getAnimations().filter((one) => one.playState === 'running' && Number.isFinite(one.effect?.getComputedTiming().endTime));
      const left = end - performance.now();
      if (ending.length === 0 || left <= 0) return;
      const late = new Promise((resolve) => setTimeout(resolve, left));
      await Promise.race([late, Promise.allSettled(ending.map((one) => one.finished))]);
    }
  })()`);
}

/** For how long nothing may change before a screen counts as ready. */
const quietMs = 250;

/**
 * Waits until the screen has its data: nothing in it says that it is busy, and nothing in it changes for a moment. The live channel
 * is open all the time, so that the network is never idle. Throws after `timeout` milliseconds, with what was still busy.
 */
export async function arrived(page: Page, timeout = 30_000): Promise<void> {
  const busy = (await page.evaluate(`new Promise((resolve) => {
    const isBusy = () => {
      const main = document.querySelector('main');
      if (main === null) return 'no main';
      return main.querySelector('[aria-busy=true], .chakra-skeleton')?.outerHTML.slice(0, 200);
    };
    let last = performance.now();
    const observer = new MutationObserver(() => { last = performance.now(); });
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['aria-busy'] });
    const end = performance.now() + ${timeout};
    const look = () => {
      const found = isBusy();
      const now = performance.now();
      if (found !== undefined) last = now;
      if (now - last < ${quietMs} && now < end) return setTimeout(look, 25);
      observer.disconnect();
      resolve(now < end ? null : found ?? 'it changes all the time');
    };
    look();
  })`)) as string | null;
  if (busy !== null) throw new Error(`${page.url()} did not get its data: ${busy}`);
}
