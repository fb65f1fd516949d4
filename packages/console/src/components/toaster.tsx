import { Suspense, lazy, useSyncExternalStore } from 'react';

export interface Notice {
  readonly title: string;
  readonly description?: string;
  readonly action?: { readonly label: string; readonly onClick: () => void };
}

const ToasterView = lazy(() => import('./toaster-view.tsx'));
const listeners = new Set<() => void>();
let isNeeded = false;

/** Tells that something was done, without taking the focus. Failures stand where they happened, not here. */
export function notify(notice: Notice): void {
  isNeeded = true;
  for (const changed of listeners) changed();
  void import('./toaster-view.tsx').then(({ show }) => show(notice));
}

/** Where notices appear; its code is loaded with the first one. */
export function Toaster() {
  const needed = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => isNeeded,
  );
  return <Suspense>{needed && <ToasterView />}</Suspense>;
}
