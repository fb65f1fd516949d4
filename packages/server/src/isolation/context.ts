import type { IsolationPart } from '@tenantry/contract';
import type { TenantContext } from '../tenants/context.ts';

/** How isolation is verified here. */
export interface IsolationSettings {
  /** Seconds between two scheduled runs of a part; 0 where it runs on demand only. */
  readonly every: Readonly<Record<IsolationPart, number>>;
  /** Address of this control plane, to be attacked over HTTP; undefined until it listens. */
  readonly apiUrl: () => string | undefined;
  /** Lifts the rate limit from what sends it in the header `isolationPassHeader`; of this process, and known to nobody else. */
  readonly apiPass: string;
}

/** Attacks on the API come by the hundred from one address: they must not use up the allowance of people who share it. */
export const isolationPassHeader = 'x-tenantry-isolation-pass';

/** What verbs about isolation get. */
export interface IsolationContext extends TenantContext {
  readonly isolation: IsolationSettings;
}
