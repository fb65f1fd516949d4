import { ChakraProvider } from '@chakra-ui/react';
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Toaster } from '../components/toaster.tsx';
import { metaContent } from '../lib/base.ts';
import { queries } from './queries.ts';
import { router } from './router.tsx';
import { system } from './theme/system.ts';

const nonce = metaContent('csp-nonce');
/** A policy without `unsafe-inline` lets a style in only with the nonce of the answer. */
const styles = createCache({ key: 'tn', ...(nonce === undefined ? {} : { nonce }) });

export function App() {
  return (
    <CacheProvider value={styles}>
      <ChakraProvider value={system}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Toaster />
        </QueryClientProvider>
      </ChakraProvider>
    </CacheProvider>
  );
}
