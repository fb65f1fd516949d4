import { Box, Flex, Heading, Text } from '@chakra-ui/react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** What a list shows instead of nothing: why it is empty, and what to do about it. */
export function EmptyState({ icon: Icon, title, children, action }: EmptyStateProps) {
  return (
    <Flex direction="column" align="center" textAlign="center" px="6" py="14" gap="1.5">
      <Flex
        boxSize="11"
        rounded="lg"
        borderWidth="1px"
        bg="bg.subtle"
        color="fg.muted"
        align="center"
        justify="center"
        mb="2"
        aria-hidden
      >
        <Icon size={20} strokeWidth={1.75} />
      </Flex>
      <Heading as="h2" fontSize="md" fontWeight="semibold" lineHeight="1.4">
        {title}
      </Heading>
      {children !== undefined && (
        <Text as="div" color="fg.muted" maxW="48ch">
          {children}
        </Text>
      )}
      {action !== undefined && <Box mt="4">{action}</Box>}
    </Flex>
  );
}
