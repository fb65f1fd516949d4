import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** What distributions call it. */
const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Where Chromium is: `TENANTRY_CHROMIUM`, or the first of its names on PATH; undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env['TENANTRY_CHROMIUM'];
  if (given) return given;
  return (env['PATH'] ?? '')
    .split(delimiter)
    .concat('/usr/bin')
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable);
}

/** Whether there is a browser to test in; without one such tests are skipped, and the output says why. */
export const hasBrowser: boolean = findChromium() !== undefined;

const howTo = 'Install Chromium (apt-get install chromium), or name it in TENANTRY_CHROMIUM.';
if (!hasBrowser)
  console.warn(`There is no browser: the tests of the console that need one are skipped. ${howTo}`);

/** A browser with a profile of its own that is removed with it. It asks nobody on the network for anything. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`There is no browser. ${howTo}`);
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
