import { Box, Text } from '@chakra-ui/react';
import type { CheckState, Finding, IsolationCheck, IsolationControl } from '@tenantry/contract';
import type { DataColumn } from '../../components/data-table/types.ts';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { count } from '../../lib/format.ts';
import { controlName, controlTitle } from './control-titles.ts';
import { FindingTenant } from './finding-details.tsx';
import { checkStateWords, partWords } from './words.ts';

const badgeStates = {
  passed: 'passed',
  failed: 'failing',
  accepted: 'accepted',
  unknown: 'unverified',
} as const;

/** How a check or a control stands. */
export function CheckStateBadge({ state }: { readonly state: CheckState }) {
  return <StateBadge state={badgeStates[state]} label={checkStateWords[state]} />;
}

/** A control of which some check has never been run is not without any. */
export function ControlStateBadge({ state }: { readonly state: CheckState }) {
  return state === 'unknown' ? (
    <StateBadge state="unverified" label="Incomplete" />
  ) : (
    <CheckStateBadge state={state} />
  );
}

function Number({ value, tone }: { readonly value: number; readonly tone?: string }) {
  return value === 0 ? (
    <Text as="span" color="fg.subtle">
      0
    </Text>
  ) : (
    <Text as="span" color={tone} fontWeight={tone === undefined ? undefined : 'semibold'}>
      {count(value)}
    </Text>
  );
}

export const controlColumns: readonly DataColumn<IsolationControl>[] = [
  { id: 'control', header: 'Control', cell: ({ ref }) => controlName(ref), width: '20%', card: 'title' },
  {
    id: 'about',
    header: 'What it is about',
    cell: ({ ref }) => (
      <Text as="span" color="fg.muted" title={controlTitle(ref)}>
        {controlTitle(ref) ?? <None />}
      </Text>
    ),
    width: '38%',
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ state }) => <ControlStateBadge state={state} />,
    width: '12%',
    card: 'badge',
  },
  { id: 'checks', header: 'Checks', cell: ({ checks }) => count(checks.length), align: 'end', width: '8%' },
  {
    id: 'findings',
    header: 'Open findings',
    cell: ({ openFindings }) => <Number value={openFindings} tone="fg.error" />,
    align: 'end',
    width: '11%',
  },
  {
    id: 'tenants',
    header: 'Failing tenants',
    cell: ({ failingTenants }) => <Number value={failingTenants} tone="fg.error" />,
    align: 'end',
    width: '11%',
  },
];

export const checkColumns: readonly DataColumn<IsolationCheck>[] = [
  {
    id: 'title',
    header: 'Check',
    cell: ({ title }) => <span title={title}>{title}</span>,
    width: '34%',
    card: 'title',
  },
  {
    id: 'id',
    header: 'Id',
    cell: ({ id }) => (
      <Text as="span" fontFamily="mono" fontSize="xs" color="fg.muted" title={id}>
        {id}
      </Text>
    ),
    width: '18%',
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ state }) => <CheckStateBadge state={state} />,
    width: '12%',
    card: 'badge',
  },
  {
    id: 'severity',
    header: 'At worst',
    cell: ({ severity }) => <StateBadge state={severity} variant="plain" px="0" />,
    width: '10%',
  },
  { id: 'part', header: 'Part', cell: ({ part }) => partWords[part].name, width: '12%' },
  {
    id: 'tenants',
    header: 'Failing tenants',
    cell: ({ failingTenants }) => <Number value={failingTenants} tone="fg.error" />,
    align: 'end',
    width: '11%',
  },
  { id: 'last', header: 'Last run', cell: ({ lastRunAt }) => <RelativeTime at={lastRunAt} />, width: '12%' },
];

export const findingColumns: readonly DataColumn<Finding>[] = [
  {
    id: 'message',
    header: 'Finding',
    cell: ({ title, subject }) => (
      <Box minW="0">
        <Text truncate title={title}>
          {title}
        </Text>
        <Text truncate fontFamily="mono" fontSize="xs" color="fg.muted" fontWeight="normal" title={subject}>
          {subject}
        </Text>
      </Box>
    ),
    width: '44%',
    card: 'title',
    fixed: true,
  },
  {
    id: 'severity',
    header: 'Severity',
    cell: ({ severity }) => <StateBadge state={severity} />,
    sortKey: 'severity',
    width: '10%',
    card: 'badge',
  },
  {
    id: 'state',
    header: 'State',
    cell: (finding) => <FindingState finding={finding} />,
    width: '11%',
    card: 'badge',
  },
  { id: 'tenant', header: 'Tenant', cell: (finding) => <FindingTenant finding={finding} />, width: '14%' },
  {
    id: 'firstSeen',
    header: 'First seen',
    cell: ({ firstSeenAt }) => <RelativeTime at={firstSeenAt} />,
    sortKey: 'firstSeenAt',
    width: '11%',
  },
  {
    id: 'lastSeen',
    header: 'Last seen',
    cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} />,
    sortKey: 'lastSeenAt',
    width: '11%',
  },
];

/** An open finding is red here; elsewhere "open" is a word for readers. */
export function FindingState({ finding }: { readonly finding: Finding }) {
  if (finding.state === 'open')
    return <StateBadge state="failing" label={finding.timesOpened > 1 ? 'reopened' : 'open'} />;
  return <StateBadge state={finding.state} />;
}
