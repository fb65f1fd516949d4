import type { PlannedRoute } from './calls.ts';
import type { HttpCall, HttpSpec, HttpTenant } from './spec.ts';

/** What an attack over HTTP is made from. */
export interface HttpScene {
  readonly route: PlannedRoute;
  readonly caller: HttpTenant;
  readonly victim: HttpTenant;
  readonly spec: HttpSpec;
  /** The caller's request for what is its own. */
  readonly own: HttpCall;
  /** In texts that are written: nobody else says it. */
  readonly word: string;
  /** Headers in which the two tenants differ: what tells the one from the other. */
  readonly telling: readonly string[];
}

/** Something that is tried over HTTP, as the requests that it sends for a route. */
export interface HttpAttack {
  /** `http.name`; it never changes. */
  readonly id: string;
  readonly title: string;
  /**
   * `foreign`: nothing of the victim may come back. `nobody`: nothing of anybody, since the request says of nobody that it may.
   */
  readonly of: 'foreign' | 'nobody';
  /** Only requests that read are sent with it. */
  readonly readsOnly?: boolean;
  /** None where it makes no sense for the route. */
  readonly calls: (scene: HttpScene) => readonly HttpCall[];
}
