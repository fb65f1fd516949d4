/**
 * `@tenantry/tenancy/embedded`: a real PostgreSQL 18 as a child process, from binaries that npm installs.
 * Needs no Docker, no root and no system package; works as root too.
 */
export { EmbeddedError } from './errors.ts';
export type { EmbeddedErrorCode } from './errors.ts';
export { clusterVersion, initCluster, SUPERUSER } from './cluster.ts';
export type { InitClusterOptions } from './cluster.ts';
export { startPostgres } from './process.ts';
export type { Exit, PostgresProcess, StartPostgresOptions, StopMode } from './process.ts';
export type { Settings } from './settings.ts';
export { freePort, isPortFree } from './ports.ts';
export { runningPostmaster } from './pid-file.ts';
export { processIdentity } from './process-identity.ts';
export { isMemoryStillInUse } from './start-failure.ts';
export { startTestPostgres } from './testing.ts';
export type { TestPostgres, TestPostgresOptions } from './testing.ts';
export { prepareTestPostgres } from './golden.ts';
