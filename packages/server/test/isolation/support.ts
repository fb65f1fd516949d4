import type { IsolationRunDetail, IsolationVerdict, StartIsolationRun } from '@tenantry/contract';
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

/** What an operator of the server does once, as the documentation has it: nothing of any database is everybody's, and
 * the audit trail is out of the control role's reach. */
export async function harden(server: TestServer): Promise<void> {
  await server.superuser.query(
    `REVOKE ALL ON DATABASE postgres FROM PUBLIC; REVOKE ALL ON DATABASE template1 FROM PUBLIC;
     REVOKE tenantry_audit FROM tenantry_control`,
  );
}

/** What the control plane says now. */
export async function verdictOf(server: TestServer): Promise<IsolationVerdict> {
  return (await server.admin.call('getIsolation', {})).verdict;
}
