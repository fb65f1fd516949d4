import { Box, Flex, Skeleton, Text, chakra } from '@chakra-ui/react';
import { createLink, type LinkProps } from '@tanstack/react-router';
import { CircleX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

interface StatProps {
  readonly label: string;
  /** Undefined while it is being read. */
  readonly value: ReactNode;
  readonly failed?: boolean;
  /** Stands out, with an icon: never by colour alone. */
  readonly tone?: 'warn' | 'bad' | undefined;
  readonly children?: ReactNode;
  /** The screen that shows what is behind the number. */
  readonly link?: Pick<LinkProps, 'to' | 'params' | 'search'>;
}

const Tile = chakra('div', {
  base: {
    display: 'block',
    bg: 'bg.panel',
    borderWidth: '1px',
    rounded: 'lg',
    px: '4',
    py: '3.5',
    minW: '0',
  },
});

const LinkTile = createLink(
  chakra('a', {
    base: {
      display: 'block',
      bg: 'bg.panel',
      borderWidth: '1px',
      rounded: 'lg',
      px: '4',
      py: '3.5',
      minW: '0',
      transition: 'border-color 100ms',
      _hover: { borderColor: 'border.emphasized' },
      focusVisibleRing: 'outside',
    },
  }),
);

/** A number that matters, with what it means; leads to the screen behind it. */
export function Stat({ label, value, failed = false, tone, children, link }: StatProps) {
  const contents = (
    <>
      <Text as="span" display="block" color="fg.muted" fontSize="xs" fontWeight="medium">
        {label}
      </Text>
      <Box as="span" display="block" mt="1" minH="8">
        {failed ? (
          <Text as="span" color="fg.muted">
            not known
          </Text>
        ) : value === undefined ? (
          <Skeleton h="6" w="16" mt="1" />
        ) : (
          <Text
            as="span"
            fontSize="xl"
            fontWeight="semibold"
            letterSpacing="-0.02em"
            color={tone === 'bad' ? 'fg.error' : undefined}
            data-numeric
            overflowWrap="anywhere"
          >
            {value}
          </Text>
        )}
      </Box>
      <Flex
        as="span"
        align="center"
        gap="1"
        fontSize="xs"
        minH="4"
        color={tone === 'bad' ? 'fg.error' : tone === 'warn' ? 'fg.warning' : 'fg.muted'}
      >
        {tone === 'bad' && <CircleX size={12} aria-hidden />}
        {tone === 'warn' && <TriangleAlert size={12} aria-hidden />}
        {children}
      </Flex>
    </>
  );
  return link ? <LinkTile {...link}>{contents}</LinkTile> : <Tile>{contents}</Tile>;
}
