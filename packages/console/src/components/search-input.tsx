import { Box, Input, Kbd } from '@chakra-ui/react';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useCommand } from '../lib/shortcuts/use-command.ts';
import { useDebounced } from '../lib/use-debounced.ts';

/** A list is asked this long after the last key. */
const settleMs = 50;

interface SearchInputProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  /** Called when typing has settled. */
  readonly onSearch: (text: string) => void;
}

/** The search field of a list; `/` leads to it, Escape empties it. */
export function SearchInput({ label, placeholder, value, onSearch }: SearchInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const settled = useDebounced(text, settleMs);
  const told = useRef(value);

  useEffect(() => {
    if (settled === told.current) return;
    told.current = settled;
    onSearch(settled);
  }, [settled, onSearch]);

  // The address changed from outside: back, a link, "clear filters".
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);

  useCommand({
    id: 'search',
    label: `Search: ${label}`,
    group: 'This page',
    keys: '/',
    run: () => input.current?.focus(),
  });

  return (
    <Box position="relative" flex={{ base: '1 1 100%', sm: '0 1 320px' }} minW="0">
      <Box
        position="absolute"
        insetStart="2.5"
        top="50%"
        transform="translateY(-50%)"
        zIndex="1"
        pointerEvents="none"
        color="fg.subtle"
        aria-hidden
      >
        <Search size={14} />
      </Box>
      <Input
        ref={input}
        type="search"
        size="sm"
        ps="8"
        pe="9"
        bg="bg.panel"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        value={text}
        maxLength={200}
        dir="auto"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          if (text === '') event.currentTarget.blur();
          setText('');
        }}
        css={{ '&::-webkit-search-cancel-button': { display: 'none' } }}
      />
      {text === '' && (
        <Kbd
          size="sm"
          position="absolute"
          insetEnd="2"
          top="50%"
          transform="translateY(-50%)"
          aria-hidden
          hideBelow="md"
        >
          /
        </Kbd>
      )}
    </Box>
  );
}
