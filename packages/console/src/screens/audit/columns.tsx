import { Flex, Text } from '@chakra-ui/react';
import type { AuditEvent } from '@tenantry/contract';
import { Bot, KeyRound, Terminal, UserRound, type LucideIcon } from 'lucide-react';
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
  { id: 'actor', header: 'By', cell: ({ actor }) => <Actor actor={actor} /> },
  {
    id: 'target',
    header: 'Target',
    cell: ({ target, after }) => <Target target={target} after={after} />,
  },
  {
    id: 'reason',
    header: 'Reason',
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

/** What it was done to; by its slug where the event tells one. */
export function Target({ target, after }: Pick<AuditEvent, 'target' | 'after'>) {
  const slug =
    typeof after === 'object' && after !== null && 'slug' in after && typeof after.slug === 'string'
      ? after.slug
      : undefined;
  return (
    <Text as="span" title={`${target.kind} ${target.id}`}>
      <Text as="span" color="fg.muted">
        {target.kind}
      </Text>{' '}
      {slug === undefined ? (
        // A text and no box of its own: a cell that is too narrow cuts its end, and not all of it.
        <Text as="span" fontFamily="mono" fontSize="0.92em">
          {target.id}
        </Text>
      ) : (
        <bdi>{slug}</bdi>
      )}
    </Text>
  );
}
