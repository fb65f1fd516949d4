import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import type { Operation, OperationError, Step } from '@tenantry/contract';
import { CodeBlock } from './code-block.tsx';
import { StateIcon } from './state-badge.tsx';
import { StepDetail } from './step-detail.tsx';
import { hasPalette } from '../app/theme/palettes.ts';
import { duration } from '../lib/time.ts';
import { useElapsed } from '../lib/use-elapsed.ts';

/** Steps that undo what the ones before have done. */
const undoing: ReadonlySet<string> = new Set(['rollback', 'keep']);

/**
 * The steps of an operation in their order, as they happen: how each stands, how long it took, what it says, why it failed;
 * and the rollback, which joins them when it begins.
 */
export function StepTimeline({ operation }: { readonly operation: Operation }) {
  return (
    <Box as="ol" aria-label="Steps" listStyleType="none">
      {operation.steps.map((step, at) => (
        <StepItem key={step.name} step={step} last={at === operation.steps.length - 1} />
      ))}
    </Box>
  );
}

function StepItem({ step, last }: { readonly step: Step; readonly last: boolean }) {
  const undoes = undoing.has(step.name);
  const palette = undoes && step.state === 'succeeded' ? 'suspended' : step.state;
  return (
    <Flex
      as="li"
      gap="3"
      data-step={step.name}
      data-state={step.state}
      aria-current={step.state === 'running' ? 'step' : undefined}
    >
      <Flex direction="column" align="center" flexShrink={0}>
        <Flex
          colorPalette={hasPalette(palette) ? palette : 'slate'}
          boxSize="6"
          rounded="full"
          align="center"
          justify="center"
          bg="colorPalette.subtle"
          color="colorPalette.fg"
        >
          <StateIcon state={step.state} size={14} />
        </Flex>
        {!last && <Box w="1px" flex="1" minH="3" bg="border.emphasized" my="1" />}
      </Flex>
      <Box flex="1" minW="0" pb={last ? '0' : '4'}>
        <Flex justify="space-between" gap="3" align="baseline" minH="6">
          <Text fontWeight="medium" color={step.state === 'pending' ? 'fg.muted' : undefined}>
            {undoes && (
              <chakra.span color="fg.warning" fontWeight="semibold">
                Rollback:{' '}
              </chakra.span>
            )}
            {step.title}
            <chakra.span srOnly>, {step.state}</chakra.span>
          </Text>
          <StepTime step={step} />
        </Flex>
        <StepDetail step={step} />
        {step.error && <OperationFailure error={step.error} />}
      </Box>
    </Flex>
  );
}

function StepTime({ step }: { readonly step: Step }) {
  const running = useElapsed(step.state === 'running' ? step.startedAt : null);
  const ms = step.state === 'running' ? running : step.ms;
  return (
    <Text color="fg.muted" fontSize="xs" flexShrink={0} data-numeric>
      {ms === null ? (step.state === 'pending' ? 'waiting' : step.state) : duration(ms)}
    </Text>
  );
}

/** Why something failed, with the file, the line and PostgreSQL's code. */
export function OperationFailure({ error }: { readonly error: OperationError }) {
  const place = [error.file, error.line === undefined ? undefined : `line ${error.line}`].filter(
    (part) => part !== undefined,
  );
  return (
    <Box mt="2" p="3" rounded="md" bg="bg.error" borderWidth="1px" borderColor="red.muted">
      <Text color="fg.error" fontWeight="medium" overflowWrap="anywhere">
        {error.message}
      </Text>
      <Flex columnGap="3" wrap="wrap" fontSize="xs" color="fg.muted" mt="1" fontFamily="mono">
        <span>{error.code}</span>
        {error.sqlState !== undefined && <span>SQLSTATE {error.sqlState}</span>}
        {place.length > 0 && <span>{place.join(', ')}</span>}
      </Flex>
      {error.hint !== undefined && (
        <Text fontSize="sm" mt="1.5">
          {error.hint}
        </Text>
      )}
      {error.statement !== undefined && (
        <Box mt="2">
          <CodeBlock code={error.statement} label="Statement" maxHeight="160px" />
        </Box>
      )}
    </Box>
  );
}
