import { useLayoutEffect, useRef, type RefObject } from 'react';

/** A value as it was last given, for what is called later and must not be made anew for it. */
export function useLatest<V>(value: V): RefObject<V> {
  const ref = useRef(value);
  useLayoutEffect(() => {
    ref.current = value;
  });
  return ref;
}
