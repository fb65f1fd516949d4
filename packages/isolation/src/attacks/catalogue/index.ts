import type { Attack } from '../attack.ts';
import { becomeAttacks } from './become.ts';
import { defineAttacks } from './define.ts';
import { disturbAttacks } from './disturb.ts';
import { inspectAttacks } from './inspect.ts';
import { leaseAttacks } from './lease.ts';
import { objectAttacks } from './objects.ts';
import { poisonAttacks } from './poison.ts';
import { readAttacks } from './read.ts';
import { residualAttacks } from './residual.ts';
import { serverAttacks } from './server.ts';
import { settingAttacks } from './settings.ts';
import { sundryAttacks } from './sundry.ts';
import { writeAttacks } from './write.ts';

export { residualRisks, type ResidualRisk } from './residual.ts';

/** Every attack of the catalogue, family by family. */
export const attacks: readonly Attack[] = [
  ...readAttacks,
  ...inspectAttacks,
  ...writeAttacks,
  ...becomeAttacks,
  ...defineAttacks,
  ...serverAttacks,
  ...disturbAttacks,
  ...leaseAttacks,
  ...settingAttacks,
  ...objectAttacks,
  ...sundryAttacks,
  ...poisonAttacks,
  ...residualAttacks,
];
