import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import { createLink } from '@tanstack/react-router';
import type { Overview } from '@tenantry/contract';
import { TriangleAlert } from 'lucide-react';
import { Panel } from '../../components/page.tsx';
import { StateIcon } from '../../components/state-badge.tsx';
import { count, plural } from '../../lib/format.ts';

const RowLink = createLink(
  chakra('a', {
    base: {
      display: 'flex',
      alignItems: 'center',
      gap: '2.5',
      px: '4',
      h: '9',
      _hover: { bg: 'bg.subtle' },
      focusVisibleRing: 'inside',
    },
  }),
);

interface BarPart {
  readonly key: string;
  readonly palette: string;
  readonly amount: number;
}

/** Shares of a whole. What it shows stands as text below it. */
function Bar({ parts }: { readonly parts: readonly BarPart[] }) {
  return (
    <Flex h="2" rounded="full" overflow="hidden" gap="2px" mx="4" my="4" aria-hidden>
      {parts
        .filter(({ amount }) => amount > 0)
        .map(({ key, palette, amount }) => (
          <Box
            key={key}
            colorPalette={palette}
            bg="colorPalette.focusRing"
            minW="4px"
            style={{ flexGrow: amount, flexBasis: 0 }}
          />
        ))}
    </Flex>
  );
}

interface StatesPanelProps {
  readonly byState: Overview['tenants']['byState'];
  readonly total: number;
}

/** How many tenants are in each state. */
export function StatesPanel({ byState, total }: StatesPanelProps) {
  const shown = byState.filter(({ state, tenants }) => tenants > 0 && state !== 'deleted');
  return (
    <Panel title="Tenants by state" description={plural(total, 'tenant')} flush>
      <Bar parts={shown.map(({ state, tenants }) => ({ key: state, palette: state, amount: tenants }))} />
      <Box as="ul" listStyleType="none" pb="2">
        {shown.map(({ state, tenants }) => (
          <li key={state}>
            <RowLink to="/tenants" search={{ state }}>
              <Box colorPalette={state} color="colorPalette.fg">
                <StateIcon state={state} size={14} />
              </Box>
              <Text as="span" flex="1">
                {state}
              </Text>
              <Text as="span" data-numeric fontWeight="medium">
                {count(tenants)}
              </Text>
              <Text as="span" data-numeric color="fg.muted" w="12" textAlign="end" fontSize="xs">
                {share(tenants, total)}
              </Text>
            </RowLink>
          </li>
        ))}
      </Box>
    </Panel>
  );
}

const mostVersions = 6;

/** Which schema versions the tenants have; more than one is a fleet that drifts apart. */
export function VersionsPanel({ versions }: { readonly versions: Overview['schemaVersions'] }) {
  const total = versions.reduce((sum, { tenants }) => sum + tenants, 0);
  const behind = versions.filter(({ current }) => !current).reduce((sum, { tenants }) => sum + tenants, 0);
  if (versions.length === 0) return null;
  return (
    <Panel
      title="Schema versions"
      description={
        behind === 0
          ? 'Every tenant has the configured migrations'
          : `${plural(behind, 'tenant')} behind the configured migrations`
      }
      flush
    >
      <Bar
        parts={versions.map(({ version, current, tenants }) => ({
          key: `${version} ${current}`,
          palette: current ? 'green' : 'amber',
          amount: tenants,
        }))}
      />
      <Box as="ul" listStyleType="none" pb="2">
        {versions.slice(0, mostVersions).map(({ version, tenants, current }) => (
          <li key={`${version} ${current}`}>
            <RowLink
              to="/tenants"
              search={{ version: version ?? 'none', behind: current ? 'false' : 'true' }}
            >
              <Text as="span" fontFamily="mono" fontSize="sm">
                {version ?? 'none'}
              </Text>
              <Flex
                as="span"
                flex="1"
                align="center"
                gap="1"
                fontSize="xs"
                color={current ? 'fg.muted' : 'fg.warning'}
              >
                {!current && <TriangleAlert size={12} aria-hidden />}
                {current ? 'current' : 'behind'}
              </Flex>
              <Text as="span" data-numeric fontWeight="medium">
                {count(tenants)}
              </Text>
              <Text as="span" data-numeric color="fg.muted" w="12" textAlign="end" fontSize="xs">
                {share(tenants, total)}
              </Text>
            </RowLink>
          </li>
        ))}
        {versions.length > mostVersions && (
          <Text as="li" px="4" py="1" color="fg.muted" fontSize="xs">
            and {plural(versions.length - mostVersions, 'more version')}
          </Text>
        )}
      </Box>
    </Panel>
  );
}

function share(part: number, whole: number): string {
  const percent = (100 * part) / Math.max(whole, 1);
  return percent > 0 && percent < 1 ? '<1 %' : `${Math.round(percent)} %`;
}
