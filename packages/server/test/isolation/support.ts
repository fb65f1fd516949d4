import type { IsolationRunDetail, StartIsolationRun } from '@tenantry/contract';
import type { TestServer } from '../support/server.ts';

/** Runs a verification to its end, and gives it with all that it looked at. */
export async function runIsolation(
  server: TestServer,
  body: StartIsolationRun = {},
): Promise<IsolationRunDetail> {
  const { operation, run } = await server.admin.call('startIsolationRun', { body });
  await server.finished(operation.id);
  return server.admin.call('getIsolationRun', { params: { run: run.id } });
}
