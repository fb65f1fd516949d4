import type { Check } from '../finding.ts';
import { catalogScan } from './catalog.ts';
import { codeScan } from './code.ts';
import { commentsScan } from './comments.ts';
import { defaultsScan } from './defaults.ts';
import { dependenciesScan } from './dependencies.ts';
import { leasesScan } from './leases.ts';
import { membersScan } from './members.ts';
import { ownersScan } from './owners.ts';
import { privilegesScan } from './privileges.ts';
import { reachScan } from './reach.ts';
import { registryScan } from './registry.ts';
import { rolesScan } from './roles.ts';
import { together, type Scan } from './scan.ts';
import { schemasScan } from './schemas.ts';
import { serverScan } from './server.ts';
import { settingsScan } from './settings.ts';
import { sharedScan } from './shared.ts';

/** Every statement of the catalog audit, in the order of a report. */
export const scans: readonly Scan[] = [
  registryScan,
  schemasScan,
  rolesScan,
  settingsScan,
  membersScan,
  reachScan,
  privilegesScan,
  defaultsScan,
  ownersScan,
  leasesScan,
  dependenciesScan,
  codeScan,
  sharedScan,
  catalogScan,
  serverScan,
  commentsScan,
];

/** Those that read catalogs with a row for each table, column or expression. */
const large: ReadonlySet<Scan> = new Set([privilegesScan, ownersScan, dependenciesScan, codeScan]);

/**
 * The statements that an audit sends: the large scans by themselves, since what each of them keeps would still be kept while the
 * next runs; the others, for which who is who takes longer than the rest, together.
 */
export const statements: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'small', sql: together(scans.filter((scan) => !large.has(scan))) },
  ...[...large].map(({ family, sql }) => ({ name: family, sql })),
];

/** Every check of the catalog audit. */
export const catalogChecks: readonly Check[] = scans.flatMap(({ checks }) => checks);
