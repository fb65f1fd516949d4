import { Box, Button, Flex, Text, VisuallyHidden } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { ChevronsUpDown } from 'lucide-react';
import { lazy } from 'react';
import { Deferred, type TriggerProps } from '../../components/deferred.tsx';
import { signOut, useMe } from '../../lib/session.ts';
import { useCommand } from '../../lib/shortcuts/use-command.ts';

const AccountMenuOpen = lazy(() => import('./account-menu-open.tsx'));

/** Who is signed in, in which role; the theme; the way out. */
export function AccountMenu() {
  const leave = useLeave();
  useCommand({ id: 'sign-out', label: 'Sign out', group: 'General', run: () => void leave() });
  return (
    <Deferred
      menu={AccountMenuOpen}
      props={{}}
      button={(onClick) => <AccountButton aria-haspopup="menu" onClick={onClick} />}
    />
  );
}

/** Ends the session, also at the OpenID provider where it wants to know. */
export function useLeave(): () => Promise<void> {
  const queries = useQueryClient();
  const router = useRouter();
  return async () => {
    const redirectTo = await signOut(queries);
    if (redirectTo === null) await router.invalidate();
    else window.location.assign(redirectTo);
  };
}

/** What opens the account's menu. */
export function AccountButton(props: TriggerProps) {
  const { actor, role } = useMe();
  return (
    <Button
      {...props}
      variant="ghost"
      colorPalette="gray"
      h="11"
      px="2"
      w="full"
      justifyContent="flex-start"
      fontWeight="normal"
    >
      <Flex
        boxSize="7"
        rounded="md"
        bg="brand.muted"
        color="brand.fg"
        align="center"
        justify="center"
        fontSize="xs"
        fontWeight="semibold"
        flexShrink={0}
        aria-hidden
      >
        {initialOf(actor.name)}
      </Flex>
      <Box flex="1" minW="0" textAlign="start" lineHeight="1.25">
        <VisuallyHidden>Account of </VisuallyHidden>
        <Text fontSize="sm" fontWeight="medium" truncate dir="auto">
          {actor.name}
        </Text>
        <Text fontSize="xs" color="fg.muted">
          {role}
        </Text>
      </Box>
      <ChevronsUpDown aria-hidden />
    </Button>
  );
}

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first letter of a name, in whatever script. */
function initialOf(name: string): string {
  return [...segments.segment(name)][0]?.segment.toUpperCase() ?? '?';
}
