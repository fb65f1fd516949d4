import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort, processIdentity, runningPostmaster, startPostgres } from '../../src/embedded/index.ts';
import type { PostgresProcess, Settings } from '../../src/embedded/index.ts';
import { serverAccount } from '../../src/embedded/account.ts';
import { dieWithParent } from '../../src/embedded/watchdog.ts';
import type { TestCell } from './cell.ts';

const { escapeLiteral: literal } = pg;

/** A streaming standby of a test cell, which can be made the primary. */
export interface Standby {
  readonly port: number;
  /** To the same database as the superuser; also before it is promoted. */
  readonly superuser: pg.Pool;
  /** Becomes the primary. Resolves when it takes writes. */
  promote(): Promise<void>;
  /** Restarts it as a crash would. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const name = 'tenantry_standby';

/**
 * Adds a standby to a running cell: a copy of its data directory, taken between `pg_backup_start` and `pg_backup_stop`, that
 * streams from then on. There is no pg_basebackup among the embedded binaries.
 *
 * The standby is a synchronous one: with `synchronous_commit` at its default, `on`, a COMMIT is acknowledged when the
 * standby has it in its log, and a promotion replays all of its log. So what was acknowledged is there afterwards, and a
 * primary whose standby has left it acknowledges nothing.
 */
export async function addStandby(cell: TestCell, settings: Settings = {}): Promise<Standby> {
  const primary = cell.postgres;
  const account = await serverAccount(primary.dataDirectory);
  const directory = await mkdtemp(join(dirname(dirname(primary.dataDirectory)), 'tenantry-test-'));
  const dataDirectory = join(directory, 'data');
  await writeFile(
    join(directory, 'owner'),
    `${String(process.pid)} ${(await processIdentity(process.pid)) ?? ''}`,
  );
  if (account !== undefined) await chown(directory, account.uid, account.gid);

  const password = await preparePrimary(cell);
  const label = await withBackup(cell, async () => {
    await promisify(execFile)('cp', ['-R', primary.dataDirectory, dataDirectory], { cwd: '/', ...account });
  });
  // What the copy holds of the log is of no use: all that is needed comes by streaming.
  await rm(join(dataDirectory, 'pg_wal'), { recursive: true });
  await rm(join(dataDirectory, 'postmaster.pid'), { force: true });
  await mkdir(join(dataDirectory, 'pg_wal'), { mode: 0o700 });
  const conninfo = `host=127.0.0.1 port=${primary.port} user=${name} password=${password} application_name=${name}`;
  await writeFile(join(dataDirectory, 'backup_label'), label, { mode: 0o600 });
  await writeFile(join(dataDirectory, 'standby.signal'), '');
  await appendFile(
    join(dataDirectory, 'postgresql.auto.conf'),
    `primary_conninfo = '${conninfo}'\nprimary_slot_name = '${name}'\n`,
  );
  if (account !== undefined) {
    for (const file of ['pg_wal', 'backup_label', 'standby.signal'])
      await chown(join(dataDirectory, file), account.uid, account.gid);
  }

  let server: PostgresProcess;
  let callOffWatchdog: () => void;
  const port = await freePort();
  const start = async (): Promise<void> => {
    server = await startPostgres({
      dataDirectory,
      port,
      // A standby needs room for what its primary may do at least.
      settings: { ...sameAsPrimary, ...settings },
      logFile: join(directory, 'postgres.log'),
    });
    callOffWatchdog = dieWithParent({ pid: server.pid, directory, account });
    void server.exited.then(callOffWatchdog);
  };
  await start();
  // After the copy: promoted, the standby must not wait for one of its own.
  await cell.superuser.query(`ALTER SYSTEM SET synchronous_standby_names = ${literal(name)}`);
  await cell.superuser.query('SELECT pg_reload_conf()');
  await untilInSync(cell);

  const superuser = new pg.Pool({
    connectionString: primary.superuserUrl.replace(/:\d+\/postgres$/, `:${port}/tenantry`),
    max: 2,
  });
  superuser.on('error', () => {});
  return {
    port,
    superuser,
    async promote() {
      const { rows } = await superuser.query<{ promoted: boolean }>(
        'SELECT pg_promote(true, 20) AS promoted',
      );
      if (rows[0]?.promoted !== true) throw new Error('The standby was not promoted in 20 s.');
    },
    async restart() {
      callOffWatchdog();
      await server.stop('immediate');
      await start();
    },
    async stop() {
      callOffWatchdog();
      await superuser.end();
      await server.stop('immediate');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const sameAsPrimary: Settings = {
  cluster_name: 'tenantry-standby',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_locks_per_transaction: 256,
};

/** A login for the standby, and a slot that keeps the log for it. */
async function preparePrimary(cell: TestCell): Promise<string> {
  const password = cell.credentialKey.slice(0, 16).reduce((hex, byte) => hex + byte.toString(16), '');
  await cell.superuser.query(`CREATE ROLE ${name} LOGIN REPLICATION PASSWORD ${literal(password)}`);
  await cell.superuser.query('SELECT pg_create_physical_replication_slot($1, true)', [name]);
  // `all` means every database, and replication is none.
  await appendFile(
    join(cell.postgres.dataDirectory, 'pg_hba.conf'),
    `host replication ${name} 127.0.0.1/32 scram-sha-256\n`,
  );
  await cell.superuser.query('SELECT pg_reload_conf()');
  return password;
}

/** Copies while the server knows of it; gives what has to stand in `backup_label`. */
async function withBackup(cell: TestCell, copy: () => Promise<void>): Promise<string> {
  const client = await cell.superuser.connect();
  try {
    await client.query(`SELECT pg_backup_start('standby', true)`);
    await copy();
    const { rows } = await client.query<{ label: string }>(
      'SELECT labelfile AS label FROM pg_backup_stop(false)',
    );
    return rows[0]!.label;
  } finally {
    client.release(true);
  }
}

async function untilInSync(cell: TestCell): Promise<void> {
  const deadline = performance.now() + 20_000;
  const ask = `SELECT FROM pg_stat_replication WHERE application_name = $1 AND sync_state = 'sync'`;
  while ((await cell.superuser.query(ask, [name])).rowCount === 0) {
    if (performance.now() > deadline) throw new Error('The standby does not stream after 20 s.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** `kill -9` of a server's postmaster and of every process it has started, in one blow. */
export async function killAll(dataDirectory: string): Promise<void> {
  const pids = await stopAll(dataDirectory);
  for (const pid of pids) signal(pid, 'SIGKILL');
}

/** Asks a server to end as its operator would: what is open is rolled back, and the standby gets all of the log. */
export async function stopFast(dataDirectory: string): Promise<void> {
  const postmaster = await runningPostmaster(dataDirectory);
  if (postmaster === undefined) throw new Error('The server is not running.');
  signal(postmaster, 'SIGINT');
  while ((await runningPostmaster(dataDirectory)) !== undefined)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

/**
 * SIGSTOP to every process of a server: its kernel still takes connections, and nobody answers. Gives the function that
 * lets it go on. It goes on as well when this process ends, in whatever way: a stopped server could not be ended.
 */
export async function freeze(dataDirectory: string): Promise<() => Promise<void>> {
  const pids = await stopAll(dataDirectory);
  const shell: ChildProcess = spawn(
    '/bin/sh',
    ['-c', 'read -r _; kill -CONT "$@" 2>/dev/null', 'sh', ...pids.map(String)],
    { cwd: '/', env: { PATH: '/usr/bin:/bin' }, stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  );
  let thawing: Promise<unknown> | undefined;
  return async () => {
    thawing ??= once(shell, 'exit');
    shell.stdin?.end();
    await thawing;
  };
}

/** The postmaster first, so that it starts no more; then whoever it has started. */
async function stopAll(dataDirectory: string): Promise<readonly number[]> {
  const postmaster = await runningPostmaster(dataDirectory);
  if (postmaster === undefined) throw new Error('The server is not running.');
  signal(postmaster, 'SIGSTOP');
  const children = await childrenOf(postmaster);
  for (const pid of children) signal(pid, 'SIGSTOP');
  return [postmaster, ...children];
}

/** Each backend is a session of its own, so a process group would not do. */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The command's name stands in parentheses and may hold anything.
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }),
  );
  return pids.map(Number).filter((_pid, i) => parents[i] === parent);
}

function signal(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which);
  } catch {
    // It has ended meanwhile.
  }
}
