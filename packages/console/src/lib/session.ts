import type { Me, Permission, SignIn } from '@tenantry/contract';
import { ApiError } from '@tenantry/contract';
import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query';
import { api, read } from './api.ts';
import { setCsrfToken } from './session-fetch.ts';

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions<Me | null>({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
  queryFn: async ({ signal }) => {
    try {
      return remember(await api.call('getMe', { signal }));
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 401) return remember(null);
      throw error;
    }
  },
});

/** How one can sign in here. */
export const signInWaysQuery = { ...read('getSignInWays', {}), staleTime: 60_000 };

/** Signs this browser in. Throws ApiError UNAUTHENTICATED when the key or the code is not valid. */
export async function signIn(queries: QueryClient, body: SignIn): Promise<void> {
  const me = await api.call('signIn', { body });
  queries.clear();
  queries.setQueryData(sessionQuery.queryKey, remember(me));
}

/** Ends the session of this browser; gives where the browser has to go, if the OpenID provider is to know. */
export async function signOut(queries: QueryClient): Promise<string | null> {
  const { redirectTo } = await api.call('signOut', {});
  forgetSession(queries);
  return redirectTo;
}

/** What was read belongs to the person who was signed in. */
export function forgetSession(queries: QueryClient): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  queries.setQueryData(sessionQuery.queryKey, remember(null));
}

/** The signed-in person. Only below the shell, which shows the sign-in page to everybody else. */
export function useMe(): Me {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('useMe needs a signed-in person.');
  return data;
}

/** Whether the signed-in person may do something. The server decides; this only hides what it would refuse. */
export function useCan(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}

function remember(me: Me | null): Me | null {
  setCsrfToken(me?.session?.csrfToken);
  return me;
}
