import { ApiError } from '@tenantry/contract';
import { QueryClient } from '@tanstack/react-query';

/** What the API answered, kept for the screens. The live channel keeps it fresh, so nothing is read again without a reason. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server has refused it will refuse again.
      retry: (failures, error) => !(error instanceof ApiError && error.problem.status < 500) && failures < 2,
      retryDelay: (failures) => Math.min(4_000, 500 * 2 ** failures),
      // A request that fails offline says so at once; the live channel asks again when the network is back.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
