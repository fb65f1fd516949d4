import { useSyncExternalStore } from 'react';

export const colorModes = ['system', 'light', 'dark'] as const;
export type ColorMode = (typeof colorModes)[number];
export const densities = ['comfortable', 'compact'] as const;
export type Density = (typeof densities)[number];

interface Appearance {
  readonly mode: ColorMode;
  readonly density: Density;
}

/** Also read by `public/appearance.js`, before the first paint. */
const key = 'tenantry.appearance';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let current = stored();

/** How this browser shows the console, and the way to change it. */
export function useAppearance(): Appearance & { readonly set: (change: Partial<Appearance>) => void } {
  const appearance = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => current,
  );
  return { ...appearance, set: change };
}

/** Follows the system and other tabs. Called once. */
export function startAppearance(): void {
  dark.addEventListener('change', show);
  window.addEventListener('storage', (event) => {
    if (event.key !== key) return;
    current = stored();
    show();
  });
  show();
}

function change(part: Partial<Appearance>): void {
  current = { ...current, ...part };
  keep(key, current);
  show();
}

function show(): void {
  const mode = current.mode === 'system' ? (dark.matches ? 'dark' : 'light') : current.mode;
  const root = document.documentElement;
  root.classList.remove('light', 'dark');
  root.classList.add(mode);
  root.style.colorScheme = mode;
  root.dataset['density'] = current.density;
  for (const changed of listeners) changed();
}

function stored(): Appearance {
  const value = (recall(key) ?? {}) as Partial<Appearance>;
  return {
    mode: colorModes.find((mode) => mode === value.mode) ?? 'system',
    density: densities.find((density) => density === value.density) ?? 'comfortable',
  };
}

/** Reads what this browser keeps under a name; undefined when there is nothing, or storage is off. */
export function recall(name: string, storage: Storage = localStorage): unknown {
  try {
    const text = storage.getItem(name);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps a value in this browser. A browser that keeps nothing goes on without it. */
export function keep(name: string, value: unknown, storage: Storage = localStorage): void {
  try {
    storage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage is off or full; what is kept is a convenience.
  }
}

/** Forgets what was kept under a name. */
export function forget(name: string, storage: Storage = localStorage): void {
  try {
    storage.removeItem(name);
  } catch {
    // Storage is off: nothing was kept.
  }
}
