import { Box, Code, Flex, Heading, Stack, Text } from '@chakra-ui/react';
import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { Panel } from '../../components/page.tsx';
import { useCan } from '../../lib/session.ts';
import { MethodBadge } from './method-badge.tsx';
import type { ApiOperation } from './openapi.ts';
import { RunForm } from './run-form.tsx';
import { ParameterTable, SchemaTable } from './schema-table.tsx';

/** One operation: what it does and needs, how it is called, what it answers, and a form that calls it. */
export function OperationReference({
  operation,
  tenant,
}: {
  readonly operation: ApiOperation;
  readonly tenant: string;
}) {
  const { id, method, path, summary, parameters, body, response, status, contentType } = operation;
  return (
    <Stack gap="5" minW="0" as="article" aria-label={id}>
      <Box>
        <Heading as="h2" fontSize="lg" fontWeight="semibold" letterSpacing="-0.01em">
          {id}
        </Heading>
        <Text mt="1" maxW="72ch">
          {summary}.
        </Text>
        <Flex mt="3" gap="2.5" align="center" wrap="wrap">
          <MethodBadge method={method} />
          <Flex align="center" gap="0.5" minW="0">
            <Text fontFamily="mono" fontSize="sm" overflowWrap="anywhere">
              {path}
            </Text>
            <CopyButton text={path} what="path" />
          </Flex>
          <Needed operation={operation} />
        </Flex>
      </Box>
      <Panel title="Run">
        <RunForm operation={operation} tenant={tenant} />
      </Panel>
      {parameters.length > 0 && (
        <Part title="Parameters">
          <ParameterTable label="Table of parameters" parameters={parameters} />
        </Part>
      )}
      {body !== undefined && (
        <Part title="Body">
          <SchemaTable label="Fields of the body" schema={body} />
        </Part>
      )}
      <Part title={`Answer ${status}`}>
        {response === undefined || contentType !== 'application/json' ? (
          <Text color="fg.muted">
            <Code>{contentType}</Code>
          </Text>
        ) : (
          <SchemaTable label="Fields of the answer" schema={response} />
        )}
        <Text fontSize="xs" color="fg.muted" mt="2">
          Anything but success is a problem (RFC 9457): decide on its <Code size="xs">code</Code>, show its{' '}
          <Code size="xs">detail</Code>.
        </Text>
      </Part>
    </Stack>
  );
}

function Needed({ operation: { permission, idempotent } }: { readonly operation: ApiOperation }) {
  const can = useCan();
  const lacks = permission !== null && !can(permission);
  return (
    <Flex gap="2" align="center" color="fg.muted" fontSize="xs" wrap="wrap">
      {lacks && <Lock size={13} aria-label="You lack it" />}
      {permission === null ? (
        'Any signed-in caller'
      ) : (
        <span>
          needs <Code size="xs">{permission}</Code>
        </span>
      )}
      {idempotent && (
        <span>
          takes <Code size="xs">Idempotency-Key</Code>
        </span>
      )}
    </Flex>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Box as="section" aria-label={title}>
      <Heading as="h3" fontSize="sm" fontWeight="semibold" mb="2">
        {title}
      </Heading>
      {children}
    </Box>
  );
}
