import { Box, Flex, Text } from '@chakra-ui/react';
import type { IsolationSummary, IsolationVerdict } from '@tenantry/contract';
import { CircleDashed, ClockAlert, ShieldAlert, ShieldCheck, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { RelativeTime } from '../../components/relative-time.tsx';
import { plural } from '../../lib/format.ts';
import { verdictWords } from './words.ts';

const looks: Readonly<Record<IsolationVerdict, { readonly icon: LucideIcon; readonly tone: string }>> = {
  verified: { icon: ShieldCheck, tone: 'success' },
  failing: { icon: ShieldAlert, tone: 'error' },
  stale: { icon: ClockAlert, tone: 'error' },
  unverified: { icon: CircleDashed, tone: 'warning' },
};

/** Whether tenants are isolated, in a word, and why not. A stale proof is as red as a failed one. */
export function VerdictBanner({
  summary,
  actions,
}: {
  readonly summary: IsolationSummary;
  readonly actions?: ReactNode;
}) {
  const { verdict, reasons } = summary;
  const { icon: Icon, tone } = looks[verdict];
  return (
    <Box
      as="section"
      aria-label="Verdict"
      data-verdict={verdict}
      borderWidth="1px"
      borderColor={`${tone === 'success' ? 'green' : tone === 'error' ? 'red' : 'amber'}.muted`}
      bg={`bg.${tone}`}
      rounded="lg"
      px={{ base: '4', md: '5' }}
      py="4"
    >
      <Flex gap="4" align="flex-start" wrap={{ base: 'wrap', md: 'nowrap' }}>
        <Box color={`fg.${tone}`} mt="0.5" flexShrink={0} aria-hidden>
          <Icon size={28} strokeWidth={1.75} />
        </Box>
        <Box flex="1" minW={{ base: '60%', md: '0' }} aria-live="polite">
          <Text fontSize="lg" fontWeight="semibold" lineHeight="1.35" color={`fg.${tone}`}>
            {verdictWords[verdict].word} <Headline summary={summary} />
          </Text>
          <Text mt="0.5">{verdictWords[verdict].means}</Text>
          {reasons.length > 0 && (
            <Box as="ul" listStyleType="disc" ps="5" mt="2">
              {reasons.map((reason) => (
                <Box as="li" key={reason} overflowWrap="anywhere">
                  {reason}
                </Box>
              ))}
            </Box>
          )}
        </Box>
        {actions !== undefined && (
          <Flex gap="2" flexShrink={0} wrap="wrap">
            {actions}
          </Flex>
        )}
      </Flex>
    </Box>
  );
}

function Headline({ summary }: { readonly summary: IsolationSummary }) {
  const { verdict, since, findings } = summary;
  const proof = lastProof(summary);
  switch (verdict) {
    case 'verified':
      return <RelativeTime at={proof} />;
    case 'failing': {
      const { critical, high, medium, low } = findings.open;
      const open = critical + high + medium + low;
      return (
        <>
          · it began <RelativeTime at={since} />
          {open > 0 && <> · {plural(open, 'open finding')}</>}
        </>
      );
    }
    case 'stale':
      return proof === null ? (
        <>: there is no proof</>
      ) : (
        <>
          : the last proof is from <RelativeTime at={proof} />
        </>
      );
    case 'unverified':
      return null;
  }
}

/** When the whole was last looked at: the latest end of the audit, which is run most often. */
function lastProof({ parts }: IsolationSummary): string | null {
  return parts.find(({ part }) => part === 'audit')?.lastGoodAt ?? null;
}
