import type { IsolationPart } from '@tenantry/contract';
import type { TenantContext } from '../tenants/context.ts';

/** How isolation is verified here. */
export interface IsolationSettings {
  /** Seconds between two scheduled runs of a part; 0 where it runs on demand only. */
  readonly every: Readonly<Record<IsolationPart, number>>;
  /** Address of this control plane, to be attacked over HTTP; undefined until it listens. */
  readonly apiUrl: () => string | undefined;
}

/** What verbs about isolation get. */
export interface IsolationContext extends TenantContext {
  readonly isolation: IsolationSettings;
}
