import type { TSchema } from 'typebox';
import type { Permission } from '../permissions.ts';

/** One endpoint of the API as a value: the server routes from it, the client calls through it, OpenAPI is made of it. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with `{name}` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** The permission that the caller needs; null where any valid key will do. */
  readonly permission: Permission | null;
  /** Answered to everybody: it is how one signs in. */
  readonly public?: true;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Status of success. */
  readonly status: number;
  /** Body of success; absent for streams and downloads. */
  readonly response?: TSchema;
  /** Content type of success where it is not JSON. */
  readonly contentType?: string;
  /** Takes an Idempotency-Key header. */
  readonly idempotent?: boolean;
  /** Requests a minute of one key to this endpoint, where it has an allowance of its own. */
  readonly requestsPerMinute?: number;
  /** Largest body in bytes, where it is less than everybody's. */
  readonly bodyLimit?: number;
}

/** Keeps the literal types of an endpoint, from which the client's and the handlers' types are made. */
export function endpoint<const E extends Endpoint>(value: E): E {
  return value;
}
