import { Flex, Text, chakra } from '@chakra-ui/react';
import { createLink } from '@tanstack/react-router';

const Home = createLink(
  chakra('a', {
    base: {
      display: 'inline-flex',
      alignItems: 'center',
      gap: '2.5',
      rounded: 'md',
      focusVisibleRing: 'outside',
    },
  }),
);

/** Name and mark; leads home. */
export function Brand() {
  return (
    <Home to="/">
      <Mark />
      <Text as="span" fontWeight="semibold" letterSpacing="-0.02em" fontSize="md">
        Tenantry
      </Text>
    </Home>
  );
}

/** Four rooms under one roof, each with a wall of its own. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <Flex asChild color="brand.solid" flexShrink={0}>
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="8" fill="currentColor" />
        <g fill="#fff">
          <rect x="7" y="8" width="18" height="4" rx="1.5" />
          <rect x="7" y="14.5" width="8" height="10" rx="1.5" />
          <rect x="17" y="14.5" width="8" height="4" rx="1.5" opacity="0.8" />
          <rect x="17" y="20.5" width="8" height="4" rx="1.5" opacity="0.6" />
        </g>
      </svg>
    </Flex>
  );
}
