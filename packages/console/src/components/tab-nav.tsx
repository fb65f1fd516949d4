import { Flex, chakra } from '@chakra-ui/react';
import { createLink } from '@tanstack/react-router';
import { useLayoutEffect, useRef, type ReactNode } from 'react';

export interface TabLink {
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly label: ReactNode;
  /** Only the address itself makes it the current one, not those below it. */
  readonly exact?: boolean;
}

const StyledLink = createLink(
  chakra('a', {
    base: {
      display: 'inline-flex',
      alignItems: 'center',
      gap: '1.5',
      h: '9',
      px: '1',
      color: 'fg.muted',
      fontWeight: 'medium',
      whiteSpace: 'nowrap',
      borderBottomWidth: '2px',
      borderColor: 'transparent',
      mb: '-1px',
      _hover: { color: 'fg' },
      _currentPage: { color: 'fg', borderColor: 'brand.solid' },
      focusVisibleRing: 'inside',
      rounded: 'xs',
    },
  }),
);

/** Parts of a thing that have an address each: links, so that they can be opened in a tab of the browser and shared. */
export function TabNav({ label, tabs }: { readonly label: string; readonly tabs: readonly TabLink[] }) {
  const nav = useRef<HTMLDivElement>(null);
  // On a narrow screen the current one may lie beyond the edge.
  useLayoutEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (nav.current && current)
      nav.current.scrollLeft +=
        current.getBoundingClientRect().right - nav.current.getBoundingClientRect().right;
  }, []);
  return (
    <Flex
      ref={nav}
      as="nav"
      aria-label={label}
      gap="5"
      borderBottomWidth="1px"
      mb="5"
      overflowX="auto"
      overflowY="hidden"
    >
      {tabs.map(({ to, params, label: text, exact = false }) => (
        <StyledLink
          key={to}
          to={to as never}
          params={(params ?? {}) as never}
          activeOptions={{ exact, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {text}
        </StyledLink>
      ))}
    </Flex>
  );
}
