import type { Fault } from '../fault.ts';
import { cellFaults } from './cell.ts';
import { codeFaults } from './code.ts';
import { memberFaults } from './members.ts';
import { privilegeFaults } from './privileges.ts';
import { relationFaults } from './relations.ts';
import { roleFaults } from './roles.ts';
import { serverObjectFaults } from './server-objects.ts';
import { sharedFaults } from './shared.ts';
import { structureFaults } from './structure.ts';

/** Every fault of the catalogue, family by family. */
export const faults: readonly Fault[] = [
  ...privilegeFaults,
  ...relationFaults,
  ...serverObjectFaults,
  ...roleFaults,
  ...memberFaults,
  ...structureFaults,
  ...codeFaults,
  ...sharedFaults,
  ...cellFaults,
];
