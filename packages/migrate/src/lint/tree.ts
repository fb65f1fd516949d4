import { isTree } from '../grammar.ts';
import type { Tree } from '../grammar.ts';

/** Calls `visit` with every node below and including `tree`; `name` is the field or node type it stands under. */
export function walk(tree: unknown, visit: (node: Tree, name: string) => void, name = ''): void {
  // A stack of its own: a chain of a few thousand operators is deeper than JavaScript's call stack. Two flat arrays:
  // trees are walked several times for every statement, and pairs made linting a large directory twice as slow.
  const values: unknown[] = [tree];
  const under: string[] = [name];
  while (values.length > 0) {
    const value = values.pop();
    const field = under.pop() ?? '';
    if (Array.isArray(value)) {
      for (let i = value.length - 1; i >= 0; i--) push(value[i], field);
    } else if (isTree(value)) {
      visit(value, field);
      const keys = Object.keys(value);
      for (let i = keys.length - 1; i >= 0; i--) {
        const key = keys[i] ?? '';
        push(value[key], key);
      }
    }
  }

  function push(child: unknown, field: string): void {
    if (typeof child !== 'object' || child === null) return;
    values.push(child);
    under.push(field);
  }
}

/** The node inside a one-entry wrapper such as `{ List: { items } }`; undefined where it is of another type. */
export function inside(value: unknown, type: string): Tree | undefined {
  const node = isTree(value) ? value[type] : undefined;
  return isTree(node) ? node : undefined;
}

/** The nodes of one type in a list of wrapped nodes; others are left out. */
export function allInside(list: unknown, type: string): readonly Tree[] {
  return items(list)
    .map((item) => inside(item, type))
    .filter((node) => node !== undefined);
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The strings of a name list such as `[{ String: { sval: 'public' } }, …]`; other nodes are left out. */
export function names(value: unknown): readonly string[] {
  return items(value).flatMap((item) => text(inside(item, 'String')?.['sval']) ?? []);
}

/** The options (`DefElem`) of a statement by name. */
export function option(list: unknown, name: string): Tree | undefined {
  return items(list)
    .map((item) => inside(item, 'DefElem'))
    .find((element) => element?.['defname'] === name);
}

/** The text of a string constant; undefined for any other expression. */
export function constant(value: unknown): string | undefined {
  const node = inside(value, 'A_Const');
  const literal = isTree(node?.['sval']) ? node['sval'] : undefined;
  return text(literal?.['sval']);
}

export function location(node: Tree): number | null {
  const at = node['location'];
  return typeof at === 'number' && at >= 0 ? at : null;
}
