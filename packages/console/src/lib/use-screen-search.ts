import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** Changes a part of the address; what is undefined is taken away. */
export type SetSearch<S> = (change: Partial<S>, options?: { readonly push?: boolean }) => void;

/**
 * What stands in the query of the address, and the way to change it. Filters replace the address, so that "back" leaves the
 * screen; `push` is for what "back" should close, as a drawer.
 */
export function useScreenSearch<S extends object>(): readonly [search: S, setSearch: SetSearch<S>] {
  const search = useSearch({ strict: false } as never) as S;
  const navigate = useNavigate();
  const setSearch = useCallback<SetSearch<S>>(
    (change, { push = false } = {}) => {
      void navigate({
        to: '.',
        search: ((before: S) => ({ ...before, ...change })) as never,
        replace: !push,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [search, setSearch];
}
