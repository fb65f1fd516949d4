/** The embedded cell: a PostgreSQL of one's own in TENANTRY_HOME. */
export { readCellAddress } from './address.ts';
export { embeddedCell, startEmbeddedCell } from './cell.ts';
export type { CellLog, EmbeddedCell, EmbeddedCellOptions, EmbeddedCellService } from './cell.ts';
export type { CrashEvent } from './supervisor.ts';
export type { LoggedRefusal } from './log-lines.ts';
