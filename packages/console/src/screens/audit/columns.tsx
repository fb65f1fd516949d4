import { Flex, Text } from '@chakra-ui/react';
import type { AuditEvent } from '@tenantry/contract';
import { Bot, KeyRound, Terminal, UserRound, type LucideIcon } from 'lucide-react';
import { Mono } from '../../components/code-block.tsx';
import type { DataColumn } from '../../components/data-table/types.ts';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';

const actorIcons: Record<AuditEvent['actor']['kind'], LucideIcon> = {
  user: UserRound,
  apiKey: KeyRound,
  cli: Terminal,
  system: Bot,
};

/** Who did it, and in which way they came. */
export function Actor({ actor }: { readonly actor: AuditEvent['actor'] }) {
  const Icon = actorIcons[actor.kind];
  return (
    <Flex as="span" align="center" gap="1.5" minW="0" title={`${actor.kind} ${actor.id}`}>
      <Icon size={14} aria-label={actor.kind} color="var(--tn-colors-fg-muted)" />
      <Text as="span" truncate dir="auto">
        {actor.name}
      </Text>
    </Flex>
  );
}

export const auditColumns: readonly DataColumn<AuditEvent>[] = [
  {
    id: 'action',
    header: 'Action',
    width: '20%',
    fixed: true,
    card: 'title',
    cell: ({ action }) => <Text as="span">{action}</Text>,
  },
  { id: 'at', header: 'When', width: '124px', cell: ({ at }) => <RelativeTime at={at} /> },
  {
    id: 'outcome',
    header: 'Outcome',
    width: '112px',
    card: 'badge',
    cell: ({ outcome }) => <StateBadge state={outcome} />,
  },
  { id: 'actor', header: 'By', width: '18%', cell: ({ actor }) => <Actor actor={actor} /> },
  {
    id: 'target',
    header: 'Target',
    width: '22%',
    cell: ({ target, after }) => <Target kind={target.kind} id={target.id} after={after} />,
  },
  {
    id: 'reason',
    header: 'Reason',
    width: '18%',
    card: 'hidden',
    cell: ({ reason }) => (reason === null ? <None /> : <bdi title={reason}>{reason}</bdi>),
  },
  {
    id: 'sourceIp',
    header: 'Address',
    width: '112px',
    card: 'hidden',
    optional: true,
    cell: ({ sourceIp }) => sourceIp ?? <None />,
  },
  {
    id: 'seq',
    header: 'No.',
    width: '80px',
    align: 'end',
    card: 'hidden',
    cell: ({ seq }) => (
      <Text as="span" color="fg.muted">
        {seq}
      </Text>
    ),
  },
];

function Target({
  kind,
  id,
  after,
}: {
  readonly kind: string;
  readonly id: string;
  readonly after: unknown;
}) {
  const slug =
    typeof after === 'object' && after !== null && 'slug' in after && typeof after.slug === 'string'
      ? after.slug
      : undefined;
  return (
    <Text as="span" title={`${kind} ${id}`}>
      <Text as="span" color="fg.muted">
        {kind}
      </Text>{' '}
      {slug === undefined ? <Mono>{id}</Mono> : <bdi>{slug}</bdi>}
    </Text>
  );
}
