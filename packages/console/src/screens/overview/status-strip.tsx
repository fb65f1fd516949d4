import { Grid } from '@chakra-ui/react';
import type { Overview } from '@tenantry/contract';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Stat } from '../../components/stat.tsx';
import { count, plural } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';

/** The few things that can be wrong, each with the screen that shows why. */
export function StatusStrip({ overview }: { readonly overview: Overview }) {
  const { tenants, operations, cells, openReaders } = overview;
  const down = cells?.filter(({ up }) => !up) ?? [];
  const active = tenants.byState.find(({ state }) => state === 'active')?.tenants ?? 0;
  return (
    <Grid
      templateColumns={{ base: 'repeat(2, minmax(0, 1fr))', md: 'repeat(auto-fit, minmax(190px, 1fr))' }}
      gap="3"
      // In two columns an odd last one takes the whole line.
      css={{ '& > :last-child:nth-child(odd)': { mdDown: { gridColumn: '1 / -1' } } }}
    >
      {overview.isolation && <Isolation isolation={overview.isolation} />}
      <Stat label="Tenants" value={count(tenants.total)} link={{ to: '/tenants' }}>
        {count(active)} active
      </Stat>
      {operations && (
        <Stat
          label="Operations, last day"
          value={count(operations.succeededLastDay + operations.failedLastDay)}
          tone={operations.failedLastDay > 0 ? 'bad' : undefined}
          link={{ to: '/operations', search: operations.failedLastDay > 0 ? { state: 'failed' } : {} }}
        >
          {operations.failedLastDay > 0
            ? `${operations.failedLastDay} failed`
            : operations.running + operations.queued > 0
              ? `${operations.running + operations.queued} running`
              : 'none failed'}
        </Stat>
      )}
      {operations?.provisionMs && (
        <Stat label="Provisioning" value={duration(operations.provisionMs.p50)}>
          {duration(operations.provisionMs.p95)} for the slowest 5 %
        </Stat>
      )}
      {cells && (
        <Stat
          label="PostgreSQL"
          value={down.length === 0 ? 'Up' : `${down.length} down`}
          tone={down.length > 0 ? 'bad' : undefined}
          link={{ to: '/settings/cells' }}
        >
          {down.length > 0 ? down.map(({ name }) => name).join(', ') : plural(cells.length, 'cell')}
        </Stat>
      )}
      {openReaders !== null && openReaders > 0 && (
        <Stat label="Break-glass" value={count(openReaders)} tone="warn" link={{ to: '/settings/readers' }}>
          {openReaders === 1 ? 'reader is open' : 'readers are open'}
        </Stat>
      )}
    </Grid>
  );
}

const verdicts = {
  verified: 'Verified',
  failing: 'Failing',
  stale: 'Stale',
  unverified: 'Not verified',
};

function Isolation({ isolation }: { readonly isolation: NonNullable<Overview['isolation']> }) {
  const { verdict, since, openFindings } = isolation;
  const bad = verdict === 'failing' || verdict === 'stale';
  return (
    <Stat
      label="Isolation"
      value={verdicts[verdict]}
      tone={bad ? 'bad' : verdict === 'verified' ? undefined : 'warn'}
      link={{ to: '/isolation/posture' }}
    >
      {openFindings > 0 ? (
        plural(openFindings, 'open finding')
      ) : (
        <span>
          since <RelativeTime at={since} />
        </span>
      )}
    </Stat>
  );
}
