import { Box, Dialog, Flex, Input, Portal, Text } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Building2, ChevronRight, Search } from 'lucide-react';
import { useEffect, useId, useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from 'react';
import { StateBadge } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { allCommands, onCommands } from '../../lib/shortcuts/registry.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { Keys } from './shortcut-sheet.tsx';

interface Entry {
  readonly id: string;
  readonly group: string;
  readonly label: ReactNode;
  readonly icon: ReactNode;
  readonly end?: ReactNode;
  readonly run: () => void;
}

/** Everything that can be done here and every tenant, by name. */
export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const entries = useEntries(text, onClose);
  const current = Math.min(at, entries.length - 1);
  useEffect(() => {
    document.getElementById(`${list}-${current}`)?.scrollIntoView({ block: 'nearest' });
  }, [list, current]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((current + 1) % Math.max(entries.length, 1));
    else if (event.key === 'ArrowUp') setAt((current - 1 + entries.length) % Math.max(entries.length, 1));
    else if (event.key === 'Enter') entries[current]?.run();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={({ open }) => !open && onClose()} placement="top" motionPreset="none">
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner px="4" pt="12vh">
          <Dialog.Content maxW="580px" my="0" overflow="hidden">
            <Dialog.Title srOnly>Search and commands</Dialog.Title>
            <Flex align="center" gap="2.5" px="4" borderBottomWidth="1px">
              <Box color="fg.subtle" aria-hidden>
                <Search size={16} />
              </Box>
              <Input
                variant="flushed"
                border="none"
                h="12"
                fontSize="md"
                _focusVisible={{ boxShadow: 'none', outline: 'none' }}
                role="combobox"
                aria-label="Search tenants and commands"
                aria-expanded
                aria-controls={list}
                aria-activedescendant={entries[current] ? `${list}-${current}` : undefined}
                aria-autocomplete="list"
                placeholder="Search tenants and commands…"
                autoComplete="off"
                spellCheck={false}
                dir="auto"
                value={text}
                onChange={(event) => {
                  setText(event.target.value);
                  setAt(0);
                }}
                onKeyDown={onKeyDown}
              />
            </Flex>
            <Box id={list} role="listbox" aria-label="Results" maxH="min(420px, 60vh)" overflowY="auto" p="2">
              {entries.map((entry, index) => (
                <Box key={entry.id} role="presentation">
                  {entries[index - 1]?.group !== entry.group && (
                    <Text
                      role="presentation"
                      fontSize="xs"
                      color="fg.muted"
                      fontWeight="medium"
                      px="2"
                      pt="2"
                      pb="1"
                    >
                      {entry.group}
                    </Text>
                  )}
                  <Flex
                    id={`${list}-${index}`}
                    role="option"
                    aria-selected={index === current}
                    align="center"
                    gap="2.5"
                    px="2"
                    minH="9"
                    rounded="md"
                    cursor="pointer"
                    bg={index === current ? 'bg.muted' : undefined}
                    onPointerMove={() => setAt(index)}
                    onClick={entry.run}
                  >
                    <Box color="fg.muted" aria-hidden>
                      {entry.icon}
                    </Box>
                    <Box flex="1" minW="0" truncate>
                      {entry.label}
                    </Box>
                    {entry.end}
                  </Flex>
                </Box>
              ))}
            </Box>
            {entries.length === 0 && (
              <Text px="4" py="8" textAlign="center" color="fg.muted" role="status">
                Nothing is called so.
              </Text>
            )}
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}

function useEntries(text: string, onClose: () => void): readonly Entry[] {
  const can = useCan();
  const navigate = useNavigate();
  const commands = useSyncExternalStore(onCommands, allCommands);
  const words = text.trim().toLowerCase();
  const q = useDebounced(text.trim(), 120);
  const tenants = useQuery({
    ...read('listTenants', { query: { q, limit: 6, sort: '-updatedAt' } }),
    enabled: q.length > 0 && can('tenants:read'),
    placeholderData: keepPreviousData,
  });
  // An answer to what was typed before stays until the next one comes, but only where it still fits: Enter must not open a tenant that
  // was found by the first letter of a command.
  const isCurrent = q === text.trim() && !tenants.isPlaceholderData;
  const found = (words === '' ? [] : (tenants.data?.items ?? [])).filter(
    ({ id, slug, name }) =>
      isCurrent || [id, slug ?? '', name].some((one) => one.toLowerCase().includes(words)),
  );
  const done = (run: () => void) => () => {
    onClose();
    run();
  };
  return [
    ...found.map((tenant) => ({
      id: tenant.id,
      group: 'Tenants',
      label: (
        <>
          <bdi>{tenant.name}</bdi>{' '}
          <Text as="span" color="fg.muted">
            {tenant.slug}
          </Text>
        </>
      ),
      icon: <Building2 size={16} />,
      end: <StateBadge state={tenant.state} />,
      run: done(() => void navigate({ to: '/tenants/$tenant', params: { tenant: tenant.id } })),
    })),
    ...commands
      .filter(({ keysOnly }) => keysOnly !== true)
      .filter(({ label, words: more = '' }) => `${label} ${more}`.toLowerCase().includes(words))
      .toSorted((a, b) => a.group.localeCompare(b.group))
      .map(({ id, group, label, keys, run }) => ({
        id,
        group,
        label,
        icon: <ChevronRight size={16} />,
        ...(keys === undefined ? {} : { end: <Keys keys={keys} /> }),
        run: done(run),
      })),
  ];
}
