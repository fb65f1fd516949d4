import {
  createClient,
  endpoints,
  type Call,
  type EndpointName,
  type Output,
  type Permission,
} from '@tenantry/contract';
import { queryOptions } from '@tanstack/react-query';
import { baseUrl } from './base.ts';
import { sessionFetch } from './session-fetch.ts';

/** The API as the signed-in person: the session is a cookie that no script can read. */
export const api = createClient({ url: baseUrl, fetch: sessionFetch });

/** The key in the cache of what an endpoint answered. */
export function keyOf<N extends EndpointName>(name: N, input: Call<N>) {
  return [name, input] as const;
}

/**
 * A read of the API for TanStack Query. Its key is the endpoint and the input; a superseded request is aborted.
 *
 * ```ts
 * const tenants = useQuery(read('listTenants', { query: { q: 'acme' } }));
 * ```
 */
export function read<N extends EndpointName>(name: N, input: Call<N>) {
  return queryOptions<Output<N>, Error, Output<N>, readonly [N, Call<N>]>({
    queryKey: keyOf(name, input),
    queryFn: ({ signal }) => api.call(name, { ...input, signal }),
  });
}

/** The permission that an endpoint needs; null where being signed in will do. */
export function permissionOf(name: EndpointName): Permission | null {
  return endpoints[name].permission;
}
