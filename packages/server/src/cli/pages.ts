import type { PageFlags } from './arguments.ts';
import type { Output } from './output.ts';

interface PageOf<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
  readonly total: number;
  readonly totalIsExact: boolean;
  readonly asOf: string;
}

/**
 * Reads one page of a list, or with `--all` all of them as if they were one. Stops early when nobody reads on.
 */
export async function readPages<Item>(
  out: Output,
  flags: PageFlags,
  read: (page: { cursor?: string; limit?: number }) => Promise<PageOf<Item>>,
): Promise<PageOf<Item>> {
  const first = await read({
    ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
    ...(flags.limit === undefined ? (flags.all ? { limit: 100 } : {}) : { limit: flags.limit }),
  });
  if (!flags.all) return first;
  const items = [...first.items];
  let cursor = first.nextCursor;
  while (cursor !== null && !out.closed.aborted) {
    const page = await read({ cursor, limit: flags.limit ?? 100 });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return { ...first, items, nextCursor: cursor };
}

/** Says how much of a list was shown and how to see more. */
export function notePage(out: Output, page: PageOf<unknown>, noun: string): void {
  if (page.items.length === 0) return;
  const total = page.totalIsExact ? String(page.total) : `more than ${page.total - 1}`;
  const shown = page.items.length;
  out.note(
    page.nextCursor === null
      ? `${shown} of ${total} ${noun}`
      : `${shown} of ${total} ${noun}. More with --all, or --cursor ${page.nextCursor}`,
  );
}
