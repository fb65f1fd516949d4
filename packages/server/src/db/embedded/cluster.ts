import { randomBytes } from 'node:crypto';
import { chmod, lstat, readFile, rename, writeFile } from 'node:fs/promises';
import type { PostgresProcess, Settings } from '@tenantry/tenancy/embedded';
import {
  EmbeddedError,
  clusterVersion,
  freePort,
  initCluster,
  isMemoryStillInUse,
  isPortFree,
  startPostgres,
} from '@tenantry/tenancy/embedded';
import { secretFile } from '../secrets.ts';
import type { Layout } from './layout.ts';
import { logSettings } from './log-lines.ts';

/** The passwords of an embedded cluster. */
export interface Passwords {
  readonly superuser: string;
  readonly control: string;
}

/**
 * Makes the cluster of a home at the first start; later ones find it. The passwords are on disk before the cluster is made, so
 * a crash in between loses neither.
 *
 * @throws EmbeddedError `EMBEDDED_HOME_UNUSABLE` when there is data that cannot be read, or whose password is gone
 */
export async function openCluster(layout: Layout): Promise<Passwords> {
  const exists = (await clusterVersion(layout.dataDirectory)) !== undefined;
  if (exists) await requireFile(layout.superuserPassword);
  const passwords = {
    superuser: await password(layout.superuserPassword),
    control: await password(layout.controlPassword),
  };
  if (!exists) {
    await initCluster({
      dataDirectory: layout.dataDirectory,
      home: layout.home,
      superuserPassword: passwords.superuser,
    });
  }
  return passwords;
}

async function password(file: string): Promise<string> {
  const secret = await secretFile(file, () => randomBytes(24).toString('base64url'));
  await chmod(file, 0o600);
  return secret;
}

async function requireFile(file: string): Promise<void> {
  if ((await lstat(file).catch(() => undefined)) !== undefined) return;
  throw new EmbeddedError(
    'EMBEDDED_HOME_UNUSABLE',
    `${file} is missing, so the PostgreSQL beside it cannot be opened. Restore the file from a backup; ` +
      'or, to start empty, move the whole home away.',
  );
}

/** What {@link startOnSomePort} starts. */
export interface StartOptions {
  readonly layout: Layout;
  /** A port that must be had. Absent or 0: the remembered one if it is free, else any, which is remembered. */
  readonly port?: number | undefined;
  readonly settings?: Settings | undefined;
}

/** Starts the cluster of a home on its port. @throws EmbeddedError as `startPostgres` */
export async function startOnSomePort(options: StartOptions): Promise<PostgresProcess> {
  const { layout, port: wanted = 0 } = options;
  for (let attempt = 1; ; attempt++) {
    const port = wanted === 0 ? await somePort(layout) : wanted;
    try {
      const server = await startOn(options, port);
      await remember(layout, port);
      return server;
    } catch (error) {
      const isTaken = error instanceof EmbeddedError && error.code === 'EMBEDDED_PORT_TAKEN';
      if (!isTaken || wanted !== 0 || attempt === 10) throw error;
    }
  }
}

/** Starts the cluster on this very port, waiting for the last processes of a killed server to let go of its memory. */
export async function startOn({ layout, settings }: StartOptions, port: number): Promise<PostgresProcess> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      return await startPostgres({
        dataDirectory: layout.dataDirectory,
        logFile: layout.logFile,
        port,
        settings: { ...logSettings, ...settings },
      });
    } catch (error) {
      if (!isMemoryStillInUse(error) || performance.now() > deadline) throw error;
    }
  }
}

async function somePort(layout: Layout): Promise<number> {
  const remembered = Number(await readFile(layout.portFile, 'utf8').catch(() => ''));
  const isUsable = Number.isInteger(remembered) && remembered > 0 && remembered < 65_536;
  return isUsable && (await isPortFree(remembered)) ? remembered : freePort();
}

async function remember(layout: Layout, port: number): Promise<void> {
  const unfinished = `${layout.portFile}.new`;
  await writeFile(unfinished, `${String(port)}\n`, { mode: 0o600 });
  await rename(unfinished, layout.portFile);
}
