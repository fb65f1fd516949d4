import type { ButtonProps } from '@chakra-ui/react';
import {
  Suspense,
  useEffect,
  useRef,
  useState,
  type ComponentType,
  type MouseEvent,
  type ReactElement,
  type Ref,
} from 'react';

/** Of a button that opens something. */
export type TriggerProps = ButtonProps & { readonly ref?: Ref<HTMLButtonElement> };

interface DeferredProps<P> {
  /** The button as it looks before anybody has pressed it. */
  readonly button: (onClick: (event: MouseEvent) => void) => ReactElement;
  /** Lazy: the same button with what it opens. It calls `useOpened` on its trigger. */
  readonly menu: ComponentType<P>;
  readonly props: P;
}

/** Loads what a button opens when it is pressed for the first time: a list needs no menus to be read. */
export function Deferred<P extends object>({ button, menu: Menu, props }: DeferredProps<P>) {
  const [wanted, setWanted] = useState(false);
  const shown = button((event) => {
    event.stopPropagation();
    setWanted(true);
  });
  if (!wanted) return shown;
  return (
    <Suspense fallback={shown}>
      <Menu {...props} />
    </Suspense>
  );
}

/** Presses the trigger once when it is there, as the person has done who made it load. */
export function useOpened() {
  const trigger = useRef<HTMLButtonElement>(null);
  const pressed = useRef(false);
  useEffect(() => {
    if (pressed.current) return;
    pressed.current = true;
    trigger.current?.focus();
    trigger.current?.click();
  }, []);
  return trigger;
}
