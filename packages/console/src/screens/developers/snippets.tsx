import { Box, Flex, Grid, Stack, Text, chakra } from '@chakra-ui/react';
import { asTenant, firstQuery, guideFiles, projects, queries, texts } from 'virtual:snippets';
import { CodeBlock } from '../../components/code-block.tsx';
import type { CodeLanguage } from '../../components/highlighted.tsx';
import { Panel } from '../../components/page.tsx';
import { ViewSwitch } from '../../components/view-switch.tsx';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { curlSnippets } from './curl-snippets.ts';
import { fillLibrary, fillTenants } from './fill.ts';
import { DevelopersFrame } from './frame.tsx';
import { frameworks, libraries, type Framework, type Library, type SnippetsSearch } from './search.ts';
import { TenantPicker, useChosenTenant } from './tenant-picker.tsx';

const frameworkNames: Readonly<Record<Framework, string>> = {
  fastify: 'Fastify',
  express: 'Express',
  nestjs: 'NestJS',
  hono: 'Hono',
};
const libraryNames: Readonly<Record<Library, string>> = {
  kysely: 'Kysely',
  drizzle: 'Drizzle',
  prisma: 'Prisma',
  pg: 'pg',
};

/** Code that tests run, filled with a tenant of this control plane. */
export function SnippetsScreen() {
  return (
    <DevelopersFrame tab="Snippets">
      <Snippets />
    </DevelopersFrame>
  );
}

function Snippets() {
  const [search, setSearch] = useScreenSearch<SnippetsSearch>();
  const { slug, tenant, neighbour, missing, isLoading } = useChosenTenant(search.tenant);
  const framework = search.framework ?? 'fastify';
  const library = search.library ?? 'kysely';
  return (
    <Stack gap="6">
      <Flex gap="4" wrap="wrap" align="flex-end">
        <TenantPicker
          value={search.tenant ?? (tenant ? slug : undefined)}
          onChange={(chosen) => setSearch({ tenant: chosen })}
        />
        <Labelled label="Framework">
          <ViewSwitch
            label="Framework"
            value={framework}
            options={frameworks.map((value) => ({ value, label: frameworkNames[value] }))}
            onChange={(value) => setSearch({ framework: value as Framework, file: undefined })}
          />
        </Labelled>
        <Labelled label="Data library">
          <ViewSwitch
            label="Data library"
            value={library}
            options={libraries.map((value) => ({ value, label: libraryNames[value] }))}
            onChange={(value) => setSearch({ library: value as Library, file: undefined })}
          />
        </Labelled>
      </Flex>
      <Text color="fg.muted" role="status">
        {isLoading
          ? 'Reading the tenants …'
          : missing
            ? `There is no tenant ${slug} that you may see; the code below would be told so.`
            : tenant === undefined
              ? 'There is no tenant yet: the code below stands with acme.'
              : `Filled with ${slug}, whose schema and login is ${tenant.schema}.`}
      </Text>
      <Application
        framework={framework}
        library={library}
        slug={slug}
        search={search}
        setSearch={setSearch}
      />
      <Programs library={library} slug={slug} neighbour={neighbour?.slug ?? undefined} />
      <Shell slug={slug} />
    </Stack>
  );
}

function Labelled({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <Box maxW="full" overflowX="auto">
      <Text fontSize="xs" fontWeight="medium" color="fg.muted" mb="1.5" aria-hidden>
        {label}
      </Text>
      {children}
    </Box>
  );
}

interface ApplicationProps {
  readonly framework: Framework;
  readonly library: Library;
  readonly slug: string;
  readonly search: SnippetsSearch;
  readonly setSearch: (change: Partial<SnippetsSearch>) => void;
}

/** A whole project of the chosen two, as `tenantry scaffold api` writes it. */
function Application({ framework, library, slug, search, setSearch }: ApplicationProps) {
  const files = projects[`${framework}-${library}`] ?? [];
  const [path, text] = files.find(([name]) => name === search.file) ?? files[0] ?? ['', 0];
  const title = `${frameworkNames[framework]} with ${libraryNames[library]}`;
  return (
    <Panel
      title={`An API: ${title}`}
      description="What tenantry scaffold api writes for these two; its own tests run all of it, isolation included."
    >
      <Stack gap="4">
        <CodeBlock
          code={scaffoldCommands(framework, library, slug)}
          language="sh"
          label="Make it, start it, call it"
          wrap
        />
        <Grid templateColumns={{ base: '1fr', md: '240px minmax(0, 1fr)' }} gap="4">
          <Box as="nav" aria-label="Files of the project">
            <Box as="ul" listStyleType="none">
              {files.map(([name]) => (
                <li key={name}>
                  <FileButton
                    type="button"
                    aria-current={name === path ? 'true' : undefined}
                    onClick={() => setSearch({ file: name })}
                  >
                    {name}
                  </FileButton>
                </li>
              ))}
            </Box>
          </Box>
          <CodeBlock code={texts[text] ?? ''} language={languageOf(path)} label={path} maxHeight="560px" />
        </Grid>
      </Stack>
    </Panel>
  );
}

const FileButton = chakra('button', {
  base: {
    w: 'full',
    px: '2.5',
    py: '1.5',
    rounded: 'md',
    fontFamily: 'mono',
    fontSize: 'xs',
    textAlign: 'start',
    color: 'fg.muted',
    cursor: 'pointer',
    overflowWrap: 'anywhere',
    _hover: { bg: 'bg.subtle', color: 'fg' },
    '&[aria-current=true]': { bg: 'brand.subtle', color: 'fg', fontWeight: 'medium' },
    focusVisibleRing: 'inside',
  },
});

function languageOf(path: string): CodeLanguage | undefined {
  return path.endsWith('.ts') ? 'ts' : undefined;
}

/** Queries as the tenant, without a framework. */
function Programs({
  library,
  slug,
  neighbour,
}: {
  readonly library: Library;
  readonly slug: string;
  readonly neighbour: string | undefined;
}) {
  const guide = guideFiles[library];
  return (
    <Panel
      title={`A query as ${slug}`}
      description="For scripts, jobs and a first try. Run it where the control plane runs, or with its three variables set."
    >
      <Grid templateColumns={{ base: '1fr', xl: 'repeat(2, minmax(0, 1fr))' }} gap="4">
        <Stack gap="4" minW="0">
          <CodeBlock
            code={fillTenants(fillLibrary(asTenant, guide), slug)}
            language="ts"
            label={`as-tenant.ts with ${libraryNames[library]}`}
          />
          <CodeBlock
            code={queries[library]}
            language="ts"
            label={guide.replace('examples/guides/', '')}
            maxHeight="420px"
          />
        </Stack>
        <Stack gap="3" minW="0">
          <CodeBlock
            code={fillTenants(firstQuery, slug, neighbour)}
            language="ts"
            label="first-query.ts: two tenants, and what is refused"
            maxHeight="620px"
          />
          <Text fontSize="xs" color="fg.muted">
            It writes one row into the tenant. The last lines show PostgreSQL refusing the neighbour, whatever
            the statement says.
          </Text>
        </Stack>
      </Grid>
    </Panel>
  );
}

function Shell({ slug }: { readonly slug: string }) {
  return (
    <Panel
      title="curl"
      description="TOKEN is an API key; make one under Settings, or with tenantry key create."
    >
      <Grid templateColumns={{ base: '1fr', xl: 'repeat(2, minmax(0, 1fr))' }} gap="4">
        {curlSnippets(slug).map(({ title, code }) => (
          <CodeBlock key={title} code={code} language="sh" label={title} wrap />
        ))}
      </Grid>
    </Panel>
  );
}

function scaffoldCommands(framework: Framework, library: Library, slug: string): string {
  return [
    `npx tenantry scaffold api --framework ${framework} --db ${library} --name my-api my-api`,
    'cd my-api && npm install && npm test',
    'npm start',
    '',
    '# in another terminal, in the same directory',
    `curl -H "Authorization: Bearer $(npm run --silent token -- ${slug})" http://127.0.0.1:3000/accounts`,
  ].join('\n');
}
