/** Fault injection: the proof that the audit and the oracle can fail. */
export { faults } from './catalogue/index.ts';
export { faultFamilies, type Fault, type FaultFamily } from './fault.ts';
export { injectFaults, type FaultResult, type InjectOptions } from './inject.ts';
export { startFaultCopy, type FaultCopy, type FaultCopyOptions } from './copy.ts';
export { summariseFaults } from './score.ts';
