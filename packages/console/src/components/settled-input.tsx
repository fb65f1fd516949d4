import { Input, type InputProps } from '@chakra-ui/react';
import { useEffect, useRef, useState } from 'react';
import { useDebounced } from '../lib/use-debounced.ts';

interface SettledInputProps extends Omit<InputProps, 'value' | 'onChange'> {
  readonly label: string;
  readonly value: string;
  /** Called with the trimmed text when typing has settled. */
  readonly onSettle: (text: string) => void;
}

/** A text filter of a list. */
export function SettledInput({ label, value, onSettle, ...props }: SettledInputProps) {
  const [text, setText] = useState(value);
  const settled = useDebounced(text.trim(), 250);
  const told = useRef(value);
  useEffect(() => {
    if (settled === told.current) return;
    told.current = settled;
    onSettle(settled);
  }, [settled, onSettle]);
  // The address changed from outside: back, or "clear".
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  return (
    <Input
      size="sm"
      w={{ base: 'full', sm: '200px' }}
      bg="bg.panel"
      aria-label={label}
      placeholder={label}
      autoComplete="off"
      spellCheck={false}
      {...props}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
