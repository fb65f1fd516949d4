import { Box, Button, Flex, Text } from '@chakra-ui/react';
import { useMutation } from '@tanstack/react-query';
import type { EvidenceVerification } from '@tenantry/contract';
import { Link2, ShieldAlert, ShieldCheck } from 'lucide-react';
import { Mono } from '../../components/code-block.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { api } from '../../lib/api.ts';
import { plural } from '../../lib/format.ts';

/** Checks every report of a chain: signatures, links, gaps; names the first that does not fit. */
export function ChainCheck({ tenant }: { readonly tenant: string | undefined }) {
  const check = useMutation({
    mutationFn: () => api.call('verifyEvidence', { body: tenant === undefined ? {} : { tenant } }),
  });
  return (
    <Flex
      as="section"
      aria-label="Chain of reports"
      direction="column"
      gap="3"
      borderWidth="1px"
      rounded="lg"
      bg="bg.panel"
      px="4"
      py="3.5"
    >
      <Flex gap="3" align="center" wrap="wrap">
        <Box color="fg.muted" aria-hidden>
          <Link2 size={18} />
        </Box>
        <Text flex="1" minW="240px">
          Each report is signed with Ed25519 and names the hash of the one before. Whoever has the public key
          can check a report without this server.
        </Text>
        <Button
          size="sm"
          variant="outline"
          colorPalette="gray"
          loading={check.isPending}
          loadingText="Checking"
          onClick={() => check.mutate()}
        >
          Verify the chain
        </Button>
      </Flex>
      <Box aria-live="polite">
        {check.error && <ErrorAlert error={check.error} title="The chain could not be checked" />}
        {check.data && <Outcome verification={check.data} />}
      </Box>
    </Flex>
  );
}

function Outcome({
  verification: { ok, checked, head, broken },
}: {
  readonly verification: EvidenceVerification;
}) {
  return (
    <Flex
      gap="3"
      p="3"
      rounded="md"
      bg={ok ? 'bg.success' : 'bg.error'}
      align="flex-start"
      data-chain={ok ? 'ok' : 'broken'}
    >
      <Box color={ok ? 'fg.success' : 'fg.error'} mt="0.5" aria-hidden>
        {ok ? <ShieldCheck size={18} /> : <ShieldAlert size={18} />}
      </Box>
      <Box minW="0">
        <Text fontWeight="medium">
          {ok
            ? checked === 0
              ? 'There is no report yet, so there is nothing to check.'
              : `${plural(checked, 'report')} in order: none was changed, none is missing.`
            : `The chain is broken after ${plural(checked, 'report')}: ${broken?.message ?? ''}`}
        </Text>
        {!ok && broken?.id && (
          <Text fontSize="xs" color="fg.muted">
            At <Mono>{broken.id}</Mono> ({broken.problem})
          </Text>
        )}
        {head !== null && (
          <Text as="div" fontSize="xs" color="fg.muted">
            Head of the chain <Mono copy="head of the chain">{head}</Mono> Note it elsewhere: it shows later
            that none was cut off.
          </Text>
        )}
      </Box>
    </Flex>
  );
}
