import { Box, Button, Flex, Grid, Heading, Skeleton, Stack, Text, chakra } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, BookOpen, SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { SearchInput } from '../../components/search-input.tsx';
import { baseUrl } from '../../lib/base.ts';
import { sessionFetch } from '../../lib/session-fetch.ts';
import { useNarrow } from '../../lib/use-media.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { DevelopersFrame } from './frame.tsx';
import { MethodBadge } from './method-badge.tsx';
import { operationsOf, searchOperations, type ApiOperation, type OpenApi } from './openapi.ts';
import { OperationReference } from './operation-reference.tsx';
import type { ReferenceSearch } from './search.ts';
import { useChosenTenant } from './tenant-picker.tsx';

const openApiQuery = {
  queryKey: ['openapi'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }: { readonly signal: AbortSignal }) => {
    const response = await sessionFetch(`${baseUrl}/openapi.json`, { signal });
    if (!response.ok) throw new Error(`The description of the API was answered with ${response.status}.`);
    return (await response.json()) as OpenApi;
  },
};

/** Every operation of the API, as the control plane describes itself, with a form to run it. */
export function ReferenceScreen() {
  return (
    <DevelopersFrame tab="API reference">
      <Reference />
    </DevelopersFrame>
  );
}

function Reference() {
  const [search, setSearch] = useScreenSearch<ReferenceSearch>();
  const narrow = useNarrow();
  const { data, error, refetch } = useQuery(openApiQuery);
  const operations = useMemo(() => (data === undefined ? [] : operationsOf(data)), [data]);
  const { slug } = useChosenTenant(search.tenant);
  if (error)
    return (
      <ErrorAlert error={error} title="The API reference could not be read" onRetry={() => void refetch()} />
    );
  if (data === undefined) {
    return (
      <Grid
        templateColumns={{ base: '1fr', md: '300px minmax(0, 1fr)' }}
        gap="5"
        role="status"
        aria-label="Loading the API reference"
      >
        <Skeleton h="96" rounded="lg" />
        <Skeleton h="96" rounded="lg" hideBelow="md" />
      </Grid>
    );
  }
  const chosen = operations.find(({ id }) => id === search.op);
  const found = searchOperations(operations, search.q ?? '');
  const list = (
    <Stack gap="3">
      <Flex>
        <SearchInput
          label="Search the API"
          placeholder="Search the API"
          value={search.q ?? ''}
          onSearch={(q) => setSearch({ q: q === '' ? undefined : q })}
        />
      </Flex>
      <OperationList operations={found} chosen={chosen?.id} />
    </Stack>
  );
  if (narrow && chosen === undefined) return list;
  return (
    <Grid
      templateColumns={{ base: '1fr', md: '300px minmax(0, 1fr)' }}
      gap={{ base: '4', lg: '6' }}
      alignItems="start"
    >
      {narrow ? (
        <Button
          size="xs"
          variant="ghost"
          colorPalette="gray"
          justifySelf="start"
          onClick={() => setSearch({ op: undefined })}
        >
          <ArrowLeft aria-hidden /> All operations
        </Button>
      ) : (
        <Box position="sticky" top="5">
          {list}
        </Box>
      )}
      {chosen === undefined ? (
        <Welcome version={data.info.version} count={operations.length} />
      ) : (
        <OperationReference key={`${chosen.id} ${slug}`} operation={chosen} tenant={slug} />
      )}
    </Grid>
  );
}

function Welcome({ version, count }: { readonly version: string; readonly count: number }) {
  return (
    <Panel flush>
      <EmptyState icon={BookOpen} title="Choose an operation">
        {count} operations of Tenantry {version}, as this control plane describes itself in{' '}
        <chakra.a
          href={`${baseUrl}/openapi.json`}
          color="brand.fg"
          textDecoration="underline"
          target="_blank"
          rel="noopener"
        >
          OpenAPI 3.1
        </chakra.a>
        . Each has a form that calls it as you.
      </EmptyState>
    </Panel>
  );
}

function OperationList({
  operations,
  chosen,
}: {
  readonly operations: readonly ApiOperation[];
  readonly chosen: string | undefined;
}) {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  if (tags.length === 0) return <EmptyState icon={SearchX} title="No operation fits" />;
  return (
    <Box
      as="nav"
      aria-label="Operations of the API"
      bg="bg.panel"
      borderWidth="1px"
      rounded="lg"
      py="2"
      maxH={{ md: 'calc(100dvh - 120px)' }}
      overflowY="auto"
      tabIndex={0}
      focusVisibleRing="outside"
    >
      {tags.map((tag) => (
        <Box key={tag} mb="2" _last={{ mb: '0' }}>
          <Heading
            as="h2"
            fontSize="xs"
            fontWeight="medium"
            color="fg.muted"
            px="4"
            py="1"
            textTransform="capitalize"
          >
            {tag}
          </Heading>
          <Box as="ul" listStyleType="none">
            {operations
              .filter((operation) => operation.tag === tag)
              .map((operation) => (
                <li key={operation.id}>
                  <OperationLink operation={operation} current={operation.id === chosen} />
                </li>
              ))}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

const StyledLink = chakra(Link, {
  base: {
    display: 'flex',
    alignItems: 'center',
    gap: '2',
    px: '4',
    py: '1.5',
    fontSize: 'sm',
    color: 'fg',
    _hover: { bg: 'bg.subtle' },
    '&[aria-current=true]': { bg: 'brand.subtle', fontWeight: 'medium' },
    focusVisibleRing: 'inside',
  },
});

function OperationLink({
  operation,
  current,
}: {
  readonly operation: ApiOperation;
  readonly current: boolean;
}) {
  return (
    <StyledLink
      to="."
      search={((before: ReferenceSearch) => ({ ...before, op: operation.id })) as never}
      aria-current={current ? 'true' : undefined}
      title={`${operation.method} ${operation.path}`}
    >
      <MethodBadge method={operation.method} />
      <Text as="span" truncate>
        {operation.id}
      </Text>
    </StyledLink>
  );
}
