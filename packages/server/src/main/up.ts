import { dirname } from 'node:path';
import { pino } from 'pino';
import { EmbeddedError } from '@tenantry/tenancy/embedded';
import { readConfig, type OptionName } from '../config.ts';
import { ConfigError, TenantryError } from '../errors.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';

interface Output {
  write(text: string): unknown;
}

export interface UpHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly version: string;
  /** Resolves when the process is asked to stop. */
  readonly stopRequested: () => Promise<void>;
}

/** `tenantry up`: serves until it is asked to stop. Gives the exit code: 0 after a clean stop, 1 when it could not start. */
export async function up(flags: Partial<Record<OptionName, string>>, host: UpHost): Promise<number> {
  // From the first moment: a signal that nobody listens to would end the process and leave PostgreSQL running.
  const stopRequested = host.stopRequested();
  let plane: ControlPlane;
  try {
    const config = readConfig(host.env, flags);
    const log = pino(
      { level: config.logLevel, base: null, redact: ['*.password', '*.token', 'req.headers.authorization'] },
      process.stderr as never,
    );
    plane = await startControlPlane(config, log, host.version);
    host.stdout.write(greeting(plane, config.home, await plane.consoleLink()));
  } catch (error) {
    host.stderr.write(`tenantry could not start: ${reason(error)}\n`);
    return 1;
  }
  await stopRequested;
  host.stderr.write('Stopping…\n');
  await plane.stop();
  return 0;
}

function greeting(plane: ControlPlane, home: string, link: string): string {
  return `
  Tenantry is serving at ${plane.url}

  Console       ${link}
                (signs you in once, within ten minutes; "npx tenantry console" prints another link)

  Admin token   ${plane.token}
                (kept in ${home}/admin-token; the tenantry command finds it by itself)

  Next, in another terminal:
    npx tenantry tenant create acme        a tenant with its own schema, owner and login
    npx tenantry demo                      25 tenants of the sample, with data
    npx tenantry audit list                what has happened so far

  Ctrl-C stops it; everything is kept in ${dirname(`${home}/x`)}.

`;
}

function reason(error: unknown): string {
  if (error instanceof TenantryError || error instanceof EmbeddedError)
    return `${error.code}: ${error.message}`;
  if (error instanceof ConfigError) return error.message;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return 'its port is taken. Stop the other program, or choose another port with TENANTRY_PORT or --port.';
  }
  return error instanceof Error ? error.message : String(error);
}
