import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setPriority } from 'node:os';
import type pg from 'pg';

/** As `nice -n 5`: a quarter of a processor where tenants' queries want all of it, and a whole one where they do not. */
const niceness = 5;

/**
 * Lets the backend of a connection give way to others, where PostgreSQL runs on this machine: a backend that makes objects
 * computes for tens of milliseconds at a time, and a short query that comes meanwhile would wait for a turn of the
 * scheduler. Whoever shares a machine with its database has few processors, and notices.
 *
 * The kernel says which process it is; nothing happens where that is not the very one at the other end, as behind a proxy or
 * in a container, or where it may not be changed.
 */
export async function giveWay(client: pg.PoolClient): Promise<void> {
  const { processID: pid, connection } = client as pg.PoolClient & Backend;
  const { localPort, remoteAddress } = connection.stream;
  if (pid === null || localPort === undefined || !isLoopback(remoteAddress)) return;
  try {
    // What ps shows: `postgres: tenantry_control tenantry 127.0.0.1(36532) idle`.
    const title = await readFile(`/proc/${String(pid)}/cmdline`, 'latin1');
    if (title.startsWith('postgres: ') && title.includes(`(${String(localPort)})`))
      setPriority(pid, niceness);
  } catch {
    // No such file system, or no such right: then all have their equal turns.
  }
}

interface Backend {
  readonly processID: number | null;
  readonly connection: { readonly stream: Socket };
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}
