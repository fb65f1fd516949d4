import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import { createLink } from '@tanstack/react-router';
import { useMe } from '../../lib/session.ts';
import { navigation, type NavGroup } from '../navigation.ts';

const Entry = createLink(
  chakra('a', {
    base: {
      display: 'flex',
      alignItems: 'center',
      gap: '2.5',
      h: '8',
      px: '2.5',
      rounded: 'md',
      color: 'fg.muted',
      fontWeight: 'medium',
      transition: 'background 80ms, color 80ms',
      _hover: { bg: 'bg.muted', color: 'fg' },
      _currentPage: { bg: 'bg.emphasized/70', color: 'fg' },
      focusVisibleRing: 'inside',
    },
  }),
);

/** The places that a person may see. */
export function useNavigation(): readonly NavGroup[] {
  const { permissions } = useMe();
  return navigation
    .map((group) => ({
      ...group,
      items: group.items.filter(
        ({ permission }) => permission === undefined || permissions.includes(permission),
      ),
    }))
    .filter(({ items }) => items.length > 0);
}

export function NavList({ onGo }: { readonly onGo?: () => void }) {
  const groups = useNavigation();
  return (
    <Flex as="nav" aria-label="Main" direction="column" gap="5">
      {groups.map(({ label, items }) => (
        <Box key={label ?? 'first'}>
          {label !== undefined && (
            <Text fontSize="xs" color="fg.subtle" fontWeight="medium" px="2.5" mb="1">
              {label}
            </Text>
          )}
          <Flex as="ul" direction="column" gap="0.5" listStyleType="none">
            {items.map(({ to, label: name, icon: Icon }) => (
              <li key={name}>
                <Entry
                  to={to}
                  {...(onGo ? { onClick: onGo } : {})}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  activeProps={{ 'aria-current': 'page' }}
                >
                  <Icon size={16} strokeWidth={1.9} aria-hidden />
                  {name}
                </Entry>
              </li>
            ))}
          </Flex>
        </Box>
      ))}
    </Flex>
  );
}
