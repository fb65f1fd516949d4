import { Badge, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Mono } from '../../components/code-block.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Panel } from '../../components/page.tsx';
import { None } from '../../components/relative-time.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { read } from '../../lib/api.ts';

/** How the control plane was started. Changed where it is started, not here. */
export function OptionsTab() {
  return (
    <Needs permission="settings:read">
      <Options />
    </Needs>
  );
}

function Options() {
  const { data, error, refetch } = useQuery(read('getSettings', {}));
  if (error && !data)
    return <ErrorAlert error={error} title="The options could not be read" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton h="320px" rounded="lg" />;
  return (
    <Panel
      title="Options"
      description={`Version ${data.version}, reached at ${data.publicUrl}. They are set where the control plane is started.`}
      flush
    >
      <SimpleTable
        label="Options"
        rows={data.items}
        rowId={({ name }) => name}
        columns={[
          {
            header: 'Option',
            cell: ({ env, flag }) => (
              <Text as="span" title={flag}>
                <Mono>{env}</Mono>
              </Text>
            ),
          },
          {
            header: 'Value',
            cell: ({ value, secret, source }) => (
              <Flex as="span" gap="2" align="center">
                {secret ? (
                  <Text as="span" color="fg.muted">
                    secret
                  </Text>
                ) : value === null || value === '' ? (
                  <None />
                ) : (
                  <Text
                    as="span"
                    display="inline-block"
                    maxW="360px"
                    truncate
                    title={value}
                    fontFamily="mono"
                    fontSize="xs"
                  >
                    {value}
                  </Text>
                )}
                {source === 'given' && (
                  <Badge size="xs" colorPalette="brand">
                    set
                  </Badge>
                )}
              </Flex>
            ),
          },
          {
            header: 'Meaning',
            cell: ({ meaning }) => (
              <Text as="span" display="block" whiteSpace="normal" minW="280px" maxW="64ch" color="fg.muted">
                {meaning}
              </Text>
            ),
          },
        ]}
      />
    </Panel>
  );
}
