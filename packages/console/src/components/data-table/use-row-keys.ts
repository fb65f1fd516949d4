import type { RefObject } from 'react';
import { useCommand } from '../../lib/shortcuts/use-command.ts';

/**
 * Moves between the rows of a table by j and k, and chooses by x. What moves is the focus itself, from link to link, so that Enter
 * opens, and a screen reader says where one is.
 */
export function useRowKeys(table: RefObject<HTMLElement | null>, onToggle?: (rowId: string) => void): void {
  const links = () => [...(table.current?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])];
  const move = (by: 1 | -1) => {
    const all = links();
    const here = all.findIndex((link) => link.closest('[data-row]')?.contains(document.activeElement));
    const next =
      here < 0 ? (by === 1 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
    all[next]?.focus();
    all[next]?.scrollIntoView({ block: 'nearest' });
  };
  const group = 'Tables';
  useCommand({ id: 'row-next', label: 'Next row', group, keys: 'j', keysOnly: true, run: () => move(1) });
  useCommand({
    id: 'row-previous',
    label: 'Previous row',
    group,
    keys: 'k',
    keysOnly: true,
    run: () => move(-1),
  });
  useCommand(
    onToggle !== undefined && {
      id: 'row-select',
      label: 'Select or deselect the row',
      group,
      keys: 'x',
      keysOnly: true,
      run: () => {
        const id = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row'];
        if (id !== undefined) onToggle(id);
      },
    },
  );
}
