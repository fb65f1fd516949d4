import { attackHttp } from '../attacks/index.ts';
import { IsolationError } from '../isolation-error.ts';
import type { RunResult } from '../result.ts';
import type { CommandLine } from './arguments.ts';
import { readConfig } from './config.ts';
import type { IsolationHost } from './host.ts';
import { httpSpec } from './http-config.ts';
import { Progress } from './progress.ts';

/** `attack --application URL`: over HTTP alone, so that no database is asked for. */
export async function runHttp(line: CommandLine, host: IsolationHost, version: string): Promise<RunResult> {
  const url = urlOf(line.application!);
  const spec = httpSpec(await readConfig(line, host), url.href, host.env);
  const progress = new Progress(host, line.quiet);
  const interruption = new AbortController();
  host.onInterrupt?.(() => interruption.abort());
  const startedAt = new Date().toISOString();
  try {
    progress.step(`Attacking ${url.host} over HTTP …`);
    const attacks = await attackHttp({ spec, signal: interruption.signal });
    if (interruption.signal.aborted)
      throw new IsolationError(
        'ISOLATION_INTERRUPTED',
        'Interrupted. What requests had written into the two tenants is still there.',
      );
    return {
      tool: { name: 'tenantry-isolation', version },
      startedAt,
      finishedAt: new Date().toISOString(),
      server: { version: '', systemIdentifier: null, database: url.host, role: '' },
      population: { tenants: spec.tenants.length, registered: null },
      checks: [],
      findings: [],
      accepted: [],
      attacks,
      controls: [],
      residualRisks: [],
      faults: null,
      notes: [],
    };
  } finally {
    progress.end();
  }
}

/** Not repeated in a message: it may hold a password. */
function urlOf(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new IsolationError(
      'ISOLATION_OPTION',
      '--application must look like https://staging.example.com, without a login and a query.',
    );
  return url;
}
