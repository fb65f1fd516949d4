import { nodeRequest, type TenantRequest } from '../../src/resolve/index.ts';

/** A request with these headers, a name twice where it stands twice. */
export function requestOf(
  url: string,
  ...headers: readonly (readonly [name: string, value: string])[]
): TenantRequest {
  return nodeRequest({ url, rawHeaders: headers.flat() });
}
