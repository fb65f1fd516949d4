// The pictures of the README: a control plane with demonstration data, four screens, small PNGs in docs/images.
// Usage: node packages/console/test/pictures/make.ts            writes the four pictures
//        node packages/console/test/pictures/make.ts <folder>   writes every screen, light and dark, wide and narrow, to look at
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { launchBrowser } from '../support/chromium.ts';
import { fillWithDemo } from '../support/demo.ts';
import { arrived, settled } from '../support/ready.ts';
import { screens } from '../support/screens.ts';
import { startSite } from '../support/site.ts';
import { sizes, themes, visit, type Size, type Theme } from '../support/visit.ts';

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly theme?: Theme;
  /** It is of what a verification has found, so one has to have ended. */
  readonly verified?: true;
  /** What has to be done, or be there, before the picture is taken. */
  readonly ready: (page: Page) => Promise<void>;
}

const pictures: readonly Picture[] = [
  { name: 'overview', path: '', ready: (page) => page.getByText('Tenants by state').waitFor() },
  {
    name: 'isolation',
    path: 'isolation/posture',
    verified: true,
    ready: (page) => page.getByText('SOC 2 CC6.1').first().waitFor(),
  },
  {
    name: 'attacks',
    path: 'isolation/attacks?attack=read.union',
    verified: true,
    ready: (page) => page.getByText('positive controls hit').waitFor(),
  },
  {
    name: 'playground',
    path: 'docs/playground',
    theme: 'dark',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Run as both' }).click();
      await page.locator('[data-refused]').first().waitFor();
    },
  },
];

const folder = process.argv[2];
const site = await startSite();
const browser = await launchBrowser();
try {
  await fillWithDemo(site);
  const parts = ['audit', 'oracle', 'probes'] as const;
  if (folder === undefined) await writePictures(pictures.filter(({ verified }) => verified !== true));
  const { operation } = await site.admin.call('startIsolationRun', { body: { parts: [...parts] } });
  await site.finished(operation.id);
  if (folder === undefined) await writePictures(pictures.filter(({ verified }) => verified === true));
  else await writeScreens(folder);
} finally {
  await browser.close();
  await site.stop();
}

async function writePictures(some: readonly Picture[]): Promise<void> {
  const target = fileURLToPath(new URL('../../../../docs/images/', import.meta.url));
  await mkdir(target, { recursive: true });
  for (const { name, path, theme = 'light', ready } of some) {
    const { page, open, close } = await visit(browser, site.url, { theme, token: site.token });
    await open(path);
    await ready(page);
    await page.locator('[data-live=live]').waitFor();
    await settled(page);
    const shot = await page.screenshot();
    await sharp(shot)
      .png({ palette: true, colours: 192, effort: 10, compressionLevel: 9 })
      .toFile(join(target, `${name}.png`));
    console.log(`wrote docs/images/${name}.png`);
    await close();
  }
}

async function writeScreens(target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const theme of themes)
    for (const size of Object.keys(sizes) as Size[]) {
      const { page, open, close } = await visit(browser, site.url, { theme, size, token: site.token });
      for (const { path } of screens) {
        await open(path);
        await arrived(page);
        await settled(page);
        const name = path === '' ? 'overview' : path.replaceAll(/[^\w-]+/g, '-');
        await page.screenshot({ path: join(target, `${name}-${theme}-${size}.png`), fullPage: true });
      }
      await close();
    }
}
