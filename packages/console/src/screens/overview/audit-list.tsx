import { Box, Flex, Link as ChakraLink } from '@chakra-ui/react';
import { Link } from '@tanstack/react-router';
import type { AuditEvent } from '@tenantry/contract';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { Actor, Target } from '../audit/columns.tsx';

/** The last events of the trail, each leading to the whole of it. */
export function AuditList({ events }: { readonly events: readonly AuditEvent[] }) {
  return (
    <Box as="ol" listStyleType="none" py="1">
      {events.map(({ id, action, outcome, actor, at, target, after }) => (
        <Flex
          as="li"
          key={id}
          align="center"
          columnGap="3"
          px="4"
          h={{ sm: '9' }}
          py={{ base: '1.5', sm: '0' }}
          wrap={{ base: 'wrap', sm: 'nowrap' }}
        >
          <Flex flex={{ base: '1 0 100%', sm: '1' }} minW="0" gap="2" align="center">
            <ChakraLink asChild variant="plain" color="fg" _hover={{ textDecoration: 'underline' }} truncate>
              <Link to="/audit" search={{ event: id }}>
                {action}
              </Link>
            </ChakraLink>
            <Box as="span" color="fg.muted" fontSize="xs" truncate>
              <Target target={target} after={after} />
            </Box>
            {outcome !== 'success' && <StateBadge state={outcome} />}
          </Flex>
          <Box
            color="fg.muted"
            fontSize="xs"
            maxW={{ base: '60%', sm: '40%' }}
            minW="0"
            me={{ base: 'auto', sm: '0' }}
          >
            <Actor actor={actor} />
          </Box>
          <Box color="fg.muted" fontSize="xs" w="84px" textAlign="end" flexShrink={0}>
            <RelativeTime at={at} />
          </Box>
        </Flex>
      ))}
    </Box>
  );
}
