import { Box, Button, Code, Flex, Text } from '@chakra-ui/react';
import { ApiError, UnreachableError } from '@tenantry/contract';
import { CircleAlert, Lock, RotateCw, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { adviceFor } from '../lib/advice.ts';
import { CopyButton } from './copy-button.tsx';

interface ErrorAlertProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  /** What was tried, as "The tenants could not be read". */
  readonly title?: string;
}

/** A failure as a person can act on it: what happened, what to do, the code and the request id to ask about. */
export function ErrorAlert({ error, onRetry, title }: ErrorAlertProps) {
  const told = explain(error);
  return (
    <Flex
      role="alert"
      gap="3"
      p="4"
      rounded="lg"
      borderWidth="1px"
      borderColor="red.muted"
      bg="bg.error"
      align="flex-start"
      textAlign="start"
    >
      <Box color="fg.error" mt="0.5" flexShrink={0} aria-hidden>
        {told.icon}
      </Box>
      <Box minW="0" flex="1">
        <Text fontWeight="semibold">{title ?? told.title}</Text>
        {told.detail !== undefined && (
          <Text mt="0.5" overflowWrap="anywhere">
            {told.detail}
          </Text>
        )}
        {told.extra}
        {told.advice !== undefined && (
          <Text mt="1" color="fg.muted">
            {told.advice}
          </Text>
        )}
        <Flex gap="3" mt="2" align="center" wrap="wrap" fontSize="xs" color="fg.muted">
          {told.code !== undefined && (
            <Code size="xs" bg="bg.panel">
              {told.code}
            </Code>
          )}
          {told.requestId !== undefined && (
            <Flex align="center" gap="1" minW="0">
              Request{' '}
              <Text as="span" fontFamily="mono" truncate>
                {told.requestId}
              </Text>
              <CopyButton text={told.requestId} what="request id" />
            </Flex>
          )}
        </Flex>
      </Box>
      {onRetry && (
        <Button type="button" size="xs" variant="outline" bg="bg.panel" colorPalette="gray" onClick={onRetry}>
          <RotateCw aria-hidden /> Try again
        </Button>
      )}
    </Flex>
  );
}

interface Told {
  readonly icon: ReactNode;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly extra?: ReactNode;
  readonly advice?: string | undefined;
  readonly code?: string;
  readonly requestId?: string | undefined;
}

function explain(error: unknown): Told {
  if (error instanceof ApiError) {
    const { problem } = error;
    return {
      icon: problem.status === 403 ? <Lock size={18} /> : <CircleAlert size={18} />,
      title: problem.title,
      detail: problem.detail,
      extra: problem.errors && (
        <Box as="ul" mt="1" ps="4" listStyleType="disc">
          {problem.errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <Code size="xs">{path}</Code> {message}
            </li>
          ))}
        </Box>
      ),
      advice: adviceFor(problem),
      code: problem.code,
      requestId: problem.requestId,
    };
  }
  if (error instanceof UnreachableError) {
    return {
      icon: <WifiOff size={18} />,
      title: 'The control plane does not answer',
      detail: 'It may be restarting, or the network between here and there is down.',
      advice: 'What is on the screen may be old. It is read again as soon as there is a connection.',
    };
  }
  return {
    icon: <CircleAlert size={18} />,
    title: 'Something went wrong in the console',
    detail: error instanceof Error ? error.message : undefined,
    advice: 'Reload the page. If it stays, report it with the text above.',
  };
}
