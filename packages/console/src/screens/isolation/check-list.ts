import type { CheckState, IsolationCheck, IsolationCheckList } from '@tenantry/contract';
import type { PostureSearch } from './search.ts';

/** What needs somebody first. */
const worst: readonly CheckState[] = ['failed', 'unknown', 'accepted', 'passed'];

/** Failing ones first, then by name. */
export function byState<T extends { readonly state: CheckState }>(
  items: readonly T[],
  nameOf: (item: T) => string,
): readonly T[] {
  return items.toSorted(
    (a, b) =>
      worst.indexOf(a.state) - worst.indexOf(b.state) ||
      nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true }),
  );
}

/** The controls of a framework, failing ones first. */
export function controlsOf({ controls }: IsolationCheckList, { framework }: PostureSearch) {
  const some = controls.filter((control) => framework === undefined || control.framework === framework);
  return byState(some, ({ ref }) => ref);
}

/** The checks that fit the filters, failing ones first. */
export function checksOf(
  { items }: IsolationCheckList,
  { framework, state, part, q }: PostureSearch,
): readonly IsolationCheck[] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (check: IsolationCheck) => {
    const all = `${check.id} ${check.title} ${check.proves} ${check.family}`.toLowerCase();
    return (
      (state === undefined || check.state === state) &&
      (part === undefined || check.part === part) &&
      (framework === undefined || check.controls.some((ref) => ref.startsWith(`${framework}:`))) &&
      words.every((word) => all.includes(word))
    );
  };
  return byState(items.filter(fits), ({ id }) => id);
}
