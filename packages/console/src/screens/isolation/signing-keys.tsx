import { Flex, Stack, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { CodeBlock, Mono } from '../../components/code-block.tsx';
import { Panel } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';

/** The public keys that reports can be checked with; give them to whoever checks. */
export function SigningKeys() {
  const { data } = useQuery(read('listEvidenceKeys', {}));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel
      title="Public keys"
      description="Give the key to whoever checks reports, by another way than the report itself."
    >
      <Stack gap="4">
        {data.items.map(({ id, algorithm, publicKey, createdAt, current }) => (
          <Stack key={id} gap="2" minW="0">
            <Flex gap="3" align="center" wrap="wrap" fontSize="xs" color="fg.muted">
              <StateBadge state={current ? 'active' : 'archived'} label={current ? 'signs now' : 'earlier'} />
              <Mono copy="fingerprint of the key">{id}</Mono>
              <span>
                made <RelativeTime at={createdAt} />
              </span>
            </Flex>
            <CodeBlock code={publicKey.trim()} label={`${algorithm} public key ${id.slice(0, 15)}`} />
          </Stack>
        ))}
        <Text fontSize="xs" color="fg.muted">
          A report is checked offline by{' '}
          <Text as="code" fontFamily="mono">
            tenantry evidence verify report.json --key key.pem
          </Text>
          , or with any Ed25519 library.
        </Text>
      </Stack>
    </Panel>
  );
}
