import { Flex, Grid, Text } from '@chakra-ui/react';
import type { IsolationPartStatus, IsolationSummary } from '@tenantry/contract';
import type { ReactNode } from 'react';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { count } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';
import { partWords } from './words.ts';

/** The parts that a verdict is made of: what each found, when it last ran, when it is due. */
export function PartCards({ summary }: { readonly summary: IsolationSummary }) {
  return (
    <Grid
      templateColumns={{ base: '1fr', sm: 'repeat(2, minmax(0, 1fr))', xl: 'repeat(4, minmax(0, 1fr))' }}
      gap="3"
    >
      {summary.parts.map((status) => (
        <PartCard key={status.part} status={status} summary={summary} />
      ))}
    </Grid>
  );
}

function PartCard({
  status,
  summary,
}: {
  readonly status: IsolationPartStatus;
  readonly summary: IsolationSummary;
}) {
  const { part, every, lastRun, lastGoodAt, nextDueAt, late } = status;
  const { name, does } = partWords[part];
  return (
    <Flex
      as="section"
      aria-label={name}
      direction="column"
      bg="bg.panel"
      borderWidth="1px"
      rounded="lg"
      p="4"
      minW="0"
    >
      <Flex justify="space-between" align="flex-start" gap="2">
        <Text fontWeight="semibold">{name}</Text>
        <PartState status={status} />
      </Flex>
      <Text fontSize="xs" color="fg.muted">
        {does}
      </Text>
      <Text
        mt="auto"
        pt="3"
        fontSize="xl"
        fontWeight="semibold"
        lineHeight="1.2"
        letterSpacing="-0.01em"
        data-numeric
      >
        {outcomeOf(part, summary)}
      </Text>
      <Flex mt="2" columnGap="3" rowGap="0.5" wrap="wrap" fontSize="xs" color="fg.muted">
        {lastGoodAt !== null && (
          <span>
            Last run <RelativeTime at={lastGoodAt} />
            {lastRun?.ms !== null && lastRun?.ms !== undefined && <> · {duration(lastRun.ms)}</>}
          </span>
        )}
        <span>
          {every === null ? 'on demand' : `every ${interval(every)}`}
          {nextDueAt !== null && (
            <>
              {late ? ', was due ' : ', next '}
              <RelativeTime at={nextDueAt} />
            </>
          )}
        </span>
      </Flex>
    </Flex>
  );
}

const units = [
  { seconds: 86_400, name: 'd' },
  { seconds: 3_600, name: 'h' },
  { seconds: 60, name: 'min' },
  { seconds: 1, name: 's' },
] as const;

/** `30 s`, `5 min`, `1 h`, `7 d`: schedules are given in whole units. */
function interval(every: number): string {
  const unit = units.find(({ seconds }) => every % seconds === 0) ?? units[3];
  return `${count(every / unit.seconds)} ${unit.name}`;
}

function PartState({ status: { late, lastRun, lastGoodAt } }: { readonly status: IsolationPartStatus }) {
  if (late) return <StateBadge state="stale" label="Late" />;
  if (lastRun?.state === 'running' || lastRun?.state === 'queued')
    return <StateBadge state={lastRun.state} />;
  if (lastRun?.state === 'failed') return <StateBadge state="failed" />;
  if (lastGoodAt === null) return <StateBadge state="unverified" label="Never run" />;
  return <StateBadge state="verified" label="On time" />;
}

function outcomeOf(
  part: IsolationPartStatus['part'],
  { tenants, attacks, faults }: IsolationSummary,
): ReactNode {
  switch (part) {
    case 'audit':
    case 'oracle':
      return <Of done={tenants.covered} all={tenants.registered} what="tenants covered" />;
    case 'probes':
      return attacks === null ? (
        <NotYet />
      ) : (
        <Of
          done={attacks.refused}
          all={attacks.refused + attacks.succeeded + attacks.unexpected}
          what="refused"
        />
      );
    case 'faults':
      return faults === null ? (
        <NotYet />
      ) : (
        <Of done={faults.found} all={faults.total - faults.skipped} what="noticed" />
      );
  }
}

function Of({ done, all, what }: { readonly done: number; readonly all: number; readonly what: string }) {
  return (
    <>
      {count(done)}
      <Text as="span" color="fg.muted" fontWeight="medium" fontSize="md">
        {' '}
        / {count(all)} {what}
      </Text>
    </>
  );
}

function NotYet() {
  return (
    <Text as="span" color="fg.muted" fontWeight="medium" fontSize="md">
      Not run yet
    </Text>
  );
}
