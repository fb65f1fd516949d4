import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { serverAccount } from '../../src/embedded/account.ts';
import { freePort } from '../../src/embedded/index.ts';
import { dieWithParent } from '../../src/embedded/watchdog.ts';
import { deriveCredential } from '../../src/index.ts';
import type { TestCell } from './cell.ts';

/** Where PgBouncer is on this machine; undefined where it is not, and what needs it is skipped. */
export const pgbouncer = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  .map((directory) => join(directory, 'pgbouncer'))
  .find((file) => existsSync(file));

export interface PgBouncer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface PgBouncerOptions {
  readonly mode?: 'transaction' | 'session';
  /** Lets clients send the `options` of their start, and does nothing with them. Else it refuses such clients. */
  readonly ignoresOptions?: boolean;
}

/** A PgBouncer before a cell, with one connection of each login to share among all its clients. */
export async function startPgBouncer(
  cell: TestCell,
  { mode = 'transaction', ignoresOptions = true }: PgBouncerOptions = {},
): Promise<PgBouncer> {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-pgbouncer-'));
  const port = await freePort();
  const logins = [...cell.tenants.map(({ id }) => id), 'tenantry_broker', 'app'];
  for (let slot = 1; slot <= 8; slot++) logins.push(`tenantry_slot_${slot}`);
  const users = logins.map((role) => `"${role}" "${deriveCredential(cell.credentialKey, role, 1)}"`);
  const configuration = `
[databases]
tenantry = host=127.0.0.1 port=${cell.postgres.port} dbname=tenantry
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(directory, 'users')}
pool_mode = ${mode}
default_pool_size = 1
ignore_startup_parameters = extra_float_digits${ignoresOptions ? ', options' : ''}
logfile = ${join(directory, 'log')}
`;
  await writeFile(join(directory, 'users'), `${users.join('\n')}\n`, { mode: 0o600 });
  await writeFile(join(directory, 'ini'), configuration, { mode: 0o600 });
  // Like PostgreSQL it refuses to run as root.
  const account = await serverAccount();
  if (account !== undefined) {
    for (const file of ['', 'users', 'ini']) await chown(join(directory, file), account.uid, account.gid);
  }
  const child = spawn(pgbouncer!, ['-q', join(directory, 'ini')], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: 'ignore',
    ...account,
  });
  const callOff = dieWithParent({ pid: child.pid!, directory, account });
  await untilListening(port, child);
  return {
    port,
    async stop() {
      callOff();
      if (child.exitCode === null) {
        child.kill('SIGQUIT');
        await once(child, 'exit');
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port });
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('PgBouncer did not start.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
