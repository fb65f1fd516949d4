import { Box, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import type { Permission } from '@tenantry/contract';
import type { ReactNode } from 'react';
import { Needs } from '../../components/forbidden.tsx';
import { Page } from '../../components/page.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TabNav, type TabLink } from '../../components/tab-nav.tsx';
import { read } from '../../lib/api.ts';
import { useCommand } from '../../lib/shortcuts/use-command.ts';
import { useNavigate } from '@tanstack/react-router';
import { verdictWords } from './words.ts';

const tabs = [
  { to: '/isolation/posture', label: 'Posture' },
  { to: '/isolation/attacks', label: 'Attacks' },
  { to: '/isolation/findings', label: 'Findings' },
  { to: '/isolation/evidence', label: 'Evidence' },
  { to: '/isolation/events', label: 'Live events' },
] as const satisfies readonly TabLink[];

const needs = {
  Posture: 'isolation:read',
  Attacks: 'isolation:read',
  Findings: 'isolation:read',
  Evidence: 'evidence:read',
  'Live events': 'security:read',
} as const satisfies Readonly<Record<(typeof tabs)[number]['label'], Permission>>;

interface FrameProps {
  /** Of the tab, for the title of the window. */
  readonly tab: (typeof tabs)[number]['label'];
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** What the isolation screens have in common: heading, verdict, tabs, the keys 1 to 5. */
export function IsolationFrame({ tab, actions, children }: FrameProps) {
  return (
    <Page
      title={`Isolation: ${tab.toLowerCase()}`}
      heading="Isolation"
      beside={tab !== 'Posture' && <VerdictBadge />}
      description="How it is known that no tenant reaches another: what was tried, what PostgreSQL answered, what would have been noticed."
      actions={actions}
    >
      <TabNav label="Isolation" tabs={tabs} />
      {tabs.map(({ to, label }, at) => (
        <TabKey key={to} to={to} label={label} number={at + 1} />
      ))}
      <Needs permission={needs[tab]}>{children}</Needs>
    </Page>
  );
}

function TabKey({
  to,
  label,
  number,
}: {
  readonly to: string;
  readonly label: string;
  readonly number: number;
}) {
  const navigate = useNavigate();
  useCommand({
    id: `isolation-${number}`,
    label: `Isolation: ${label.toLowerCase()}`,
    group: 'This page',
    keys: String(number),
    run: () => void navigate({ to: to as never }),
  });
  return null;
}

/** The verdict on every tab but the first, which has it in full. */
function VerdictBadge() {
  const { data } = useQuery(read('getIsolation', {}));
  if (data === undefined) return null;
  return <StateBadge state={data.verdict} label={verdictWords[data.verdict].word} size="md" />;
}

/** A number with what it counts. */
export function Figure({
  value,
  what,
  tone,
}: {
  readonly value: ReactNode;
  readonly what: string;
  readonly tone?: string | undefined;
}) {
  return (
    <Box minW="0">
      <Text
        fontSize="xl"
        fontWeight="semibold"
        lineHeight="1.2"
        letterSpacing="-0.01em"
        color={tone}
        data-numeric
      >
        {value}
      </Text>
      <Text fontSize="xs" color="fg.muted">
        {what}
      </Text>
    </Box>
  );
}
