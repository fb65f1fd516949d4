import { Box, Flex, Heading, Text, type BoxProps } from '@chakra-ui/react';
import { useEffect, type ReactNode } from 'react';

interface PageProps {
  /** The one `h1` of the page; also in the title of the window. */
  readonly title: string;
  /** Stands for the title where it is more than a text. */
  readonly heading?: ReactNode;
  readonly above?: ReactNode;
  readonly beside?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** `narrow` for forms and texts. */
  readonly width?: 'wide' | 'narrow';
}

/** What every screen stands in: heading, what can be done, content. */
export function Page({
  title,
  heading,
  above,
  beside,
  description,
  actions,
  children,
  width = 'wide',
}: PageProps) {
  useEffect(() => {
    document.title = `${title} · Tenantry`;
  }, [title]);
  return (
    <Box
      maxW={width === 'wide' ? '1440px' : '880px'}
      mx="auto"
      px={{ base: '4', md: '8' }}
      py={{ base: '5', md: '7' }}
    >
      {above}
      <Flex
        align="flex-start"
        justify="space-between"
        gap="4"
        wrap={{ base: 'wrap', md: 'nowrap' }}
        mb={{ base: '4', md: '6' }}
      >
        <Box minW="0">
          <Flex align="center" gap="3" wrap="wrap">
            <Heading
              as="h1"
              fontSize={{ base: 'lg', md: 'xl' }}
              lineHeight="1.3"
              fontWeight="semibold"
              letterSpacing="-0.015em"
              overflowWrap="anywhere"
              minW="0"
              dir="auto"
            >
              {heading ?? title}
            </Heading>
            {beside}
          </Flex>
          {description !== undefined && (
            <Text as="div" color="fg.muted" fontSize="sm" mt="1" maxW="72ch">
              {description}
            </Text>
          )}
        </Box>
        {actions !== undefined && (
          <Flex gap="2" flexShrink={0} wrap="wrap">
            {actions}
          </Flex>
        )}
      </Flex>
      {children}
    </Box>
  );
}

interface PanelProps extends Omit<BoxProps, 'title'> {
  readonly title?: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** Without a padding of its own, for tables and lists. */
  readonly flush?: boolean;
}

/** A bordered part of a page with a heading of its own. */
export function Panel({ title, description, actions, flush = false, children, ...props }: PanelProps) {
  return (
    <Box as="section" bg="bg.panel" borderWidth="1px" rounded="lg" minW="0" overflow="hidden" {...props}>
      {title !== undefined && (
        <Flex
          align="center"
          justify="space-between"
          gap="3"
          px="4"
          minH="12"
          py="2.5"
          borderBottomWidth="1px"
        >
          <Box minW="0">
            <Heading as="h2" fontSize="sm" fontWeight="semibold" lineHeight="1.4">
              {title}
            </Heading>
            {description !== undefined && (
              <Text as="div" fontSize="xs" color="fg.muted">
                {description}
              </Text>
            )}
          </Box>
          {actions !== undefined && (
            <Flex gap="2" align="center" flexShrink={0}>
              {actions}
            </Flex>
          )}
        </Flex>
      )}
      <Box p={flush ? '0' : '4'}>{children}</Box>
    </Box>
  );
}
