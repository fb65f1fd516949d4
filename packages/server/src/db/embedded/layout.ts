import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from '@tenantry/tenancy/embedded';

/** Where the embedded cell keeps what, all of it below one home. */
export interface Layout {
  readonly home: string;
  /** Also holds the lock files. */
  readonly postgres: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** The port of the last start. */
  readonly portFile: string;
  readonly secrets: string;
  readonly superuserPassword: string;
  readonly controlPassword: string;
}

/** The paths below a home; nothing is made. */
export function layoutOf(home: string): Layout {
  const postgres = join(home, 'postgres');
  const secrets = join(home, 'secrets');
  return {
    home,
    postgres,
    dataDirectory: join(postgres, 'data'),
    logFile: join(postgres, 'log', 'postgresql.log'),
    portFile: join(postgres, 'port'),
    secrets,
    superuserPassword: join(secrets, 'postgres-superuser-password'),
    controlPassword: join(secrets, 'postgres-control-password'),
  };
}

/** @throws EmbeddedError `EMBEDDED_HOME_UNUSABLE` when a directory cannot be made */
export async function makeDirectories(layout: Layout): Promise<void> {
  try {
    // As root PostgreSQL's account must pass through; its data directory is closed to everybody else anyway.
    const passable = process.getuid?.() === 0 ? 0o711 : 0o700;
    await mkdir(layout.home, { recursive: true, mode: passable });
    await mkdir(layout.postgres, { recursive: true, mode: passable });
    await mkdir(join(layout.postgres, 'log'), { recursive: true, mode: 0o700 });
    await mkdir(layout.secrets, { recursive: true, mode: 0o700 });
    await chmod(layout.secrets, 0o700);
  } catch (cause) {
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `The home ${layout.home} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Set TENANTRY_HOME to a directory that this user may write to.',
      { cause },
    );
  }
}
