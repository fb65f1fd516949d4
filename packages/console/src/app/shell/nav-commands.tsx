import { useNavigate } from '@tanstack/react-router';
import { colorModes, useAppearance } from '../../lib/preferences.ts';
import { useCommand } from '../../lib/shortcuts/use-command.ts';
import type { NavItem } from '../navigation.ts';
import { useNavigation } from './nav-list.tsx';

/** The places of the console as commands, and what the shell itself can do. */
export function NavCommands() {
  const groups = useNavigation();
  const { mode, set } = useAppearance();
  const next = colorModes[(colorModes.indexOf(mode) + 1) % colorModes.length] ?? 'system';
  useCommand({
    id: 'theme',
    label: `Theme: switch to ${next}`,
    group: 'General',
    words: 'dark light color mode appearance',
    run: () => set({ mode: next }),
  });
  return groups.flatMap(({ items }) => items).map((item) => <GoTo key={item.label} item={item} />);
}

function GoTo({ item }: { readonly item: NavItem }) {
  const navigate = useNavigate();
  useCommand({
    id: `go:${item.label}`,
    label: `Go to ${item.label}`,
    group: 'Go to',
    keys: item.keys,
    run: () => void navigate({ to: item.to }),
  });
  return null;
}
