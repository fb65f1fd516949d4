/** A program that takes and releases the lock of a directory: `node contend.ts <directory> <times>`. Fails when two hold it at once. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from '@tenantry/tenancy/embedded';
import { lockHome } from '../../../src/db/embedded/home-lock.ts';

const directory = process.argv[2] ?? '';
let left = Number(process.argv[3]);
while (left > 0) {
  try {
    const lock = await lockHome(directory);
    await writeFile(join(directory, 'inside'), String(process.pid), { flag: 'wx' });
    await rm(join(directory, 'inside'));
    await lock.release();
    left -= 1;
  } catch (error) {
    if (!(error instanceof EmbeddedError)) throw error;
  }
}
