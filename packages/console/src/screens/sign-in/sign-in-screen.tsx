import { Box, Button, Field, Flex, Heading, Input, Separator, Spinner, Text, chakra } from '@chakra-ui/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { ApiError, signInFragment, type SignIn } from '@tenantry/contract';
import { KeyRound, LogIn } from 'lucide-react';
import { useCallback, useEffect, useRef, useState, type SyntheticEvent } from 'react';
import { Mark } from '../../app/shell/brand.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { baseUrl } from '../../lib/base.ts';
import { sessionQuery, signIn, signInWaysQuery } from '../../lib/session.ts';
import { homeOf, safeReturn } from './safe-return.ts';

const route = getRouteApi('/sign-in');

/** Where everybody comes who is not signed in: by an API key, a one-time link, or the OpenID provider. */
export function SignInScreen() {
  const { returnTo, error: told } = route.useSearch();
  const ways = useQuery(signInWaysQuery);
  const { attempt, error, running } = useSignIn(returnTo);
  const [key, setKey] = useState('');
  const code = useCode();
  const used = useRef(false);
  useEffect(() => {
    document.title = 'Sign in · Tenantry';
    if (code === undefined || used.current) return;
    used.current = true;
    void attempt({ code });
  }, [code, attempt]);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (key.trim() !== '') void attempt({ apiKey: key.trim() });
  };
  return (
    <Flex as="main" minH="100dvh" align="center" justify="center" bg="bg.subtle" p="4">
      <Box w="full" maxW="400px">
        <Flex direction="column" align="center" mb="7" textAlign="center">
          <Mark size={40} />
          <Heading as="h1" fontSize="xl" fontWeight="semibold" letterSpacing="-0.02em" mt="4">
            Sign in to Tenantry
          </Heading>
          <Text color="fg.muted" mt="1">
            The control plane of your tenants
          </Text>
        </Flex>
        <Box bg="bg.panel" borderWidth="1px" rounded="xl" p={{ base: '5', sm: '6' }} shadow="xs">
          {running && code !== undefined ? (
            <Flex role="status" align="center" justify="center" gap="3" py="6" color="fg.muted">
              <Spinner size="sm" /> Signing in…
            </Flex>
          ) : (
            <Flex direction="column" gap="4">
              {told !== undefined && (
                <Box role="alert" bg="bg.error" color="fg.error" p="3" rounded="md" overflowWrap="anywhere">
                  {told}
                </Box>
              )}
              {error !== undefined && <SignInError error={error} />}
              {ways.data?.oidc && (
                <>
                  <Button asChild size="md" w="full">
                    <a href={oidcAddress(ways.data.oidc.path, returnTo)}>
                      <LogIn aria-hidden /> Continue with {ways.data.oidc.name}
                    </a>
                  </Button>
                  <Flex align="center" gap="3" color="fg.muted" fontSize="xs">
                    <Separator flex="1" /> or <Separator flex="1" />
                  </Flex>
                </>
              )}
              <chakra.form onSubmit={submit}>
                <Field.Root>
                  <Field.Label>API key</Field.Label>
                  <Input
                    type="password"
                    name="apiKey"
                    autoComplete="current-password"
                    autoFocus
                    spellCheck={false}
                    fontFamily="mono"
                    value={key}
                    onChange={(event) => setKey(event.target.value)}
                    maxLength={200}
                  />
                  <Field.HelperText>
                    <chakra.code fontFamily="mono">tenantry key create</chakra.code> makes one. It stays out
                    of the browser: you get a session instead.
                  </Field.HelperText>
                </Field.Root>
                <Button
                  type="submit"
                  w="full"
                  mt="4"
                  variant={ways.data?.oidc ? 'outline' : 'solid'}
                  loading={running}
                  loadingText="Signing in"
                  disabled={key.trim() === ''}
                >
                  <KeyRound aria-hidden /> Sign in
                </Button>
              </chakra.form>
            </Flex>
          )}
        </Box>
      </Box>
    </Flex>
  );
}

function SignInError({ error }: { readonly error: unknown }) {
  if (!(error instanceof ApiError) || error.problem.status !== 401) return <ErrorAlert error={error} />;
  return (
    <Box role="alert" bg="bg.error" color="fg.error" p="3" rounded="md">
      This key or link is not valid. It may have expired, been revoked, or been used before.
    </Box>
  );
}

function useSignIn(returnTo: string | undefined) {
  const queries = useQueryClient();
  const router = useRouter();
  const [error, setError] = useState<unknown>();
  const [running, setRunning] = useState(false);
  const attempt = useCallback(
    async (body: SignIn) => {
      setRunning(true);
      setError(undefined);
      try {
        await signIn(queries, body);
        const me = queries.getQueryData(sessionQuery.queryKey);
        const address = returnTo === undefined && me ? homeOf(me) : safeReturn(returnTo);
        await router.navigate({ href: address, replace: true });
      } catch (failure) {
        setError(failure);
        setRunning(false);
      }
    },
    [queries, router, returnTo],
  );
  return { attempt, error, running };
}

/** The code of a one-time link. It is taken out of the address at once: it must not stay in the history. */
function useCode(): string | undefined {
  const [code] = useState(
    () => new URLSearchParams(window.location.hash.slice(1)).get(signInFragment) ?? undefined,
  );
  useEffect(() => {
    if (code === undefined) return;
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  }, [code]);
  return code;
}

function oidcAddress(path: string, returnTo: string | undefined): string {
  return `${baseUrl}/${path.replace(/^\//, '')}?${new URLSearchParams({ returnTo: safeReturn(returnTo) }).toString()}`;
}
