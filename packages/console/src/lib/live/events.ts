import type { EventMessage } from '@tenantry/contract';

/** How the live channel is: `paused` by a person, `reconnecting` by the network. */
export type LiveStatus = 'connecting' | 'live' | 'reconnecting' | 'paused' | 'off';

/** What the channel tells the page. */
export type LiveNews =
  | { readonly kind: 'event'; readonly message: EventMessage }
  /** Events were missed: what is shown has to be read again. */
  | { readonly kind: 'resync'; readonly id: string }
  | { readonly kind: 'status'; readonly status: LiveStatus };
