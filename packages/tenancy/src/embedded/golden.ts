import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chown, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { closedDirectory, isMissing, permits, serverAccount } from './account.ts';
import { postgresBinaries } from './binaries.ts';
import { initCluster } from './cluster.ts';
import { EmbeddedError } from './errors.ts';
import { runningPostmaster } from './pid-file.ts';
import { processIdentity } from './process-identity.ts';

/** Bump when the way the golden directory is made changes, so that old ones are not used. */
const RECIPE = 1;
const CLUSTER_PREFIX = 'tenantry-test-';

/** A cluster that is copied, never started. */
export interface Golden {
  readonly dataDirectory: string;
  readonly superuserPassword: string;
}

/**
 * The golden data directory of this machine, user and PostgreSQL version, made when it is not there (initdb takes 0.6 to 4 s, a copy 0.1 s).
 * Any number of processes may ask at once: each makes its own under another name, and the first rename wins.
 */
export async function goldenCluster(): Promise<Golden> {
  const account = await serverAccount();
  const { version } = await postgresBinaries(account);
  const key = createHash('sha256')
    .update(`${String(RECIPE)} ${version}`)
    .digest('hex')
    .slice(0, 8);
  const base = await testBase(account);
  const golden = join(base, `tenantry-golden-${String(process.getuid?.() ?? 0)}-${version}-${key}`);
  if (await isMissing(golden)) await makeGolden(golden);
  const { uid } = await lstat(golden);
  if (uid !== (process.getuid?.() ?? uid)) {
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `${golden} belongs to another user and is not trusted. Remove it, or set TMPDIR.`,
    );
  }
  return {
    dataDirectory: join(golden, 'data'),
    superuserPassword: await readFile(join(golden, 'password'), 'utf8'),
  };
}

async function makeGolden(golden: string): Promise<void> {
  const unfinished = await mkdtemp(`${golden}.`);
  try {
    const superuserPassword = randomBytes(18).toString('base64url');
    await initCluster({ dataDirectory: join(unfinished, 'data'), superuserPassword, sync: false });
    await writeFile(join(unfinished, 'password'), superuserPassword, { mode: 0o600 });
    await rename(unfinished, golden).catch(async (error: unknown) => {
      if (await isMissing(golden)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Where test clusters may live: the system's temporary directory, unless PostgreSQL's account cannot enter or write there. */
async function testBase(account: Account | undefined): Promise<string> {
  if (account === undefined) return tmpdir();
  for (const directory of [tmpdir(), '/tmp', '/var/tmp']) {
    if ((await closedDirectory(directory, account)) === undefined && (await permits(directory, account, 2)))
      return directory;
  }
  throw new EmbeddedError(
    'EMBEDDED_HOME_UNUSABLE',
    'No temporary directory can be entered by PostgreSQL. Set TMPDIR to one that others may use.',
  );
}

/** A copy of the golden cluster in a directory of its own, marked with the process it belongs to. */
export async function copyGolden(
  golden: Golden,
): Promise<{ readonly directory: string; readonly account: Account | undefined }> {
  const account = await serverAccount();
  const directory = await mkdtemp(join(await testBase(account), CLUSTER_PREFIX));
  await writeFile(
    join(directory, 'owner'),
    `${String(process.pid)} ${(await processIdentity(process.pid)) ?? ''}`,
  );
  if (account !== undefined) await chown(directory, account.uid, account.gid);
  // cp under the account's uid gives every file its owner at once; 970 chown calls from here take longer than the copy.
  await promisify(execFile)('cp', ['-R', golden.dataDirectory, join(directory, 'data')], {
    cwd: '/',
    ...account,
  });
  return { directory, account };
}

/** Removes test clusters whose process is gone (the machine lost power, the watchdog was killed), and ends their servers. */
export async function removeStaleClusters(): Promise<void> {
  const base = await testBase(await serverAccount());
  for (const name of await readdir(base)) {
    if (!name.startsWith(CLUSTER_PREFIX)) continue;
    const directory = join(base, name);
    const [pid, identity] = (await readFile(join(directory, 'owner'), 'utf8').catch(() => '')).split(' ');
    if (pid === undefined || identity === undefined || (await processIdentity(Number(pid))) === identity)
      continue;
    const server = await runningPostmaster(join(directory, 'data')).catch(() => undefined);
    if (server !== undefined) process.kill(server, 'SIGQUIT');
    await rm(directory, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

/** For vitest's `globalSetup`: clears what earlier runs left and makes the golden cluster before the first worker asks. */
export async function prepareTestPostgres(): Promise<void> {
  await mkdir(tmpdir(), { recursive: true });
  await removeStaleClusters();
  await goldenCluster();
}
