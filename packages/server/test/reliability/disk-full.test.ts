import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installFaults, revisions } from './support/faults.ts';
import { openSite, type Site } from './support/site.ts';
import { expectTruth, quiet, storyOf } from './support/truth.ts';

const run = promisify(execFile);
/** A file system of 64 kB, where this machine lets one be made: no room for a tenant's tables. */
const disk = await tinyDisk();

async function tinyDisk(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return undefined;
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'tenantry-test', directory]);
    return directory;
  } catch {
    await rm(directory, { recursive: true });
    return undefined;
  }
}

let site: Site;
beforeAll(async () => {
  if (disk) site = await openSite();
});
afterAll(async () => {
  if (!disk) return;
  await site.stop();
  await run('umount', [disk]);
  await rm(disk, { recursive: true });
});

test.skipIf(!disk)(
  'a disk that is full in the middle of a build: nothing is left, and a retry succeeds',
  async () => {
    const server = site.spawn();
    const { admin } = await server.serving;
    await installFaults(site.superuser);
    const { uid, gid } = await stat(site.postgres.dataDirectory);
    const location = join(disk!, 'space');
    await mkdir(location, { mode: 0o700 });
    await chown(location, uid, gid);
    await site.superuser.query(`CREATE TABLESPACE tiny LOCATION '${location}'`);
    await site.superuser.query('GRANT CREATE ON TABLESPACE tiny TO PUBLIC');
    await site.superuser.query('ALTER ROLE tenantry_control SET default_tablespace = tiny');
    const endConnections = () =>
      site.superuser.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'tenantry cell'`,
      );
    await endConnections();

    const { operation } = await admin.call('createTenant', { body: { slug: 'large' } });
    await quiet(site);
    expect(await storyOf(site, 'large')).toMatchObject({ operation: 'failed CELL_FULL' });
    const failed = await admin.call('getOperation', { params: { operation: operation.id } });
    expect(failed.error).toMatchObject({ sqlState: '53100' });
    expect(await expectTruth(site, { revisions })).toEqual([]);

    await site.superuser.query('ALTER ROLE tenantry_control RESET default_tablespace');
    await endConnections();
    await admin.call('retryOperation', { params: { operation: operation.id } });
    await quiet(site);
    expect(await expectTruth(site, { revisions })).toEqual(['large']);
  },
);
