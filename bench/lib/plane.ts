import { pino } from 'pino';
import { readConfig, type OptionName } from '../../packages/server/src/config.ts';
import { startControlPlane } from '../../packages/server/src/main/control-plane.ts';

/**
 * A control plane in a process of its own, as it is in life: started by `startBenchCell` with the options of
 * `tenantry up` as JSON, it says where it serves and ends when its parent lets go of it.
 */
export interface PlaneAddress {
  readonly url: string;
  readonly token: string;
}

const options = JSON.parse(process.env['BENCH_OPTIONS'] ?? '{}') as Partial<Record<OptionName, string>>;
const log = pino({ level: process.env['BENCH_LOG'] ?? 'warn' }, pino.destination(2));
const plane = await startControlPlane(readConfig({}, options), log, 'bench');
process.once('disconnect', () => void plane.stop());
process.send!({ url: plane.url, token: plane.token } satisfies PlaneAddress);
