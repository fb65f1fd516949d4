import {
  Box,
  Button,
  Field,
  Flex,
  Grid,
  Input,
  NativeSelect,
  Switch,
  Text,
  Textarea,
} from '@chakra-ui/react';
import { Lock, Play } from 'lucide-react';
import { useState, type SyntheticEvent } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { useCan } from '../../lib/session.ts';
import type { ApiOperation, Parameter } from './openapi.ts';
import { curlOf, problemsWith, runRequest, type FilledRequest, type RawAnswer } from './request.ts';
import { sampleOf } from './schema-rows.ts';

interface RunFormProps {
  readonly operation: ApiOperation;
  /** Stands where a call wants a tenant. */
  readonly tenant: string;
}

/** Calls an operation as the signed-in person, and shows what is answered. What changes something has to be allowed first. */
export function RunForm({ operation, tenant }: RunFormProps) {
  const can = useCan();
  const [request, setRequest] = useState<FilledRequest>(() => beginWith(operation, tenant));
  const [writesAllowed, allowWrites] = useState(false);
  const [running, setRunning] = useState(false);
  const [answer, setAnswer] = useState<RawAnswer>();
  const [error, setError] = useState<unknown>();
  const problems = problemsWith(operation, request);
  const lacks =
    operation.permission !== null && !can(operation.permission) ? operation.permission : undefined;
  const ready = problems.length === 0 && (!operation.writes || writesAllowed);

  const run = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || running) return;
    setRunning(true);
    setError(undefined);
    try {
      setAnswer(await runRequest(operation, request));
    } catch (failure) {
      setError(failure);
    } finally {
      setRunning(false);
    }
  };
  const set = (name: string, value: string) =>
    setRequest((before) => ({ ...before, values: { ...before.values, [name]: value } }));

  return (
    <Flex direction="column" gap="4">
      <Flex
        as="form"
        direction="column"
        gap="4"
        onSubmit={(event) => void run(event)}
        aria-label={`Run ${operation.id}`}
      >
        {operation.parameters.length > 0 && (
          <Grid templateColumns={{ base: '1fr', sm: 'repeat(2, minmax(0, 1fr))' }} gap="3">
            {operation.parameters.map((parameter) => (
              <ParameterField
                key={`${parameter.place} ${parameter.name}`}
                parameter={parameter}
                value={request.values[parameter.name] ?? ''}
                onChange={(value) => set(parameter.name, value)}
              />
            ))}
          </Grid>
        )}
        {operation.body !== undefined && (
          <Field.Root>
            <Field.Label fontSize="xs">Body</Field.Label>
            <Textarea
              fontFamily="mono"
              fontSize="xs"
              rows={Math.min(12, request.body.split('\n').length + 1)}
              autoresize
              maxH="360px"
              spellCheck={false}
              value={request.body}
              onChange={(event) => setRequest((before) => ({ ...before, body: event.target.value }))}
              dir="ltr"
            />
          </Field.Root>
        )}
        {operation.writes && (
          <Flex
            gap="3"
            p="3"
            rounded="md"
            bg="bg.warning"
            borderWidth="1px"
            borderColor="amber.muted"
            align="flex-start"
          >
            <Switch.Root
              size="sm"
              colorPalette="brand"
              checked={writesAllowed}
              onCheckedChange={({ checked }) => allowWrites(checked)}
              mt="0.5"
            >
              <Switch.HiddenInput aria-describedby="writes-note" />
              <Switch.Control />
              <Switch.Label fontWeight="medium">Allow writes</Switch.Label>
            </Switch.Root>
            <Text id="writes-note" flex="1">
              This changes this control plane for real, as you. Use a sandbox tenant.
            </Text>
          </Flex>
        )}
        <Flex gap="3" align="center" wrap="wrap">
          <Button
            type="submit"
            size="sm"
            colorPalette="brand"
            disabled={!ready}
            loading={running}
            loadingText="Running"
          >
            <Play aria-hidden /> Run
          </Button>
          <Text fontSize="xs" color="fg.muted" aria-live="polite">
            {problems[0]}
          </Text>
        </Flex>
        {lacks !== undefined && (
          <Flex gap="2" align="flex-start" color="fg.muted" fontSize="xs">
            <Box mt="0.5" flexShrink={0} aria-hidden>
              <Lock size={14} />
            </Box>
            Your role does not have the permission {lacks}. Run it to see how the server refuses.
          </Flex>
        )}
      </Flex>
      {error !== undefined && <ErrorAlert error={error} title="The control plane could not be called" />}
      {answer !== undefined && <Answer answer={answer} />}
      <CodeBlock code={curlOf(operation, request)} language="sh" label="curl" wrap />
    </Flex>
  );
}

function Answer({ answer }: { readonly answer: RawAnswer }) {
  const { status, statusText, ms, requestId, text, truncated, contentType } = answer;
  const isJson = contentType.includes('json');
  return (
    <Box as="section" aria-label="Answer">
      <Flex
        align="center"
        columnGap="3"
        rowGap="1"
        mb="2"
        wrap="wrap"
        fontSize="xs"
        color="fg.muted"
        aria-live="polite"
      >
        <StateBadge state={status < 400 ? 'succeeded' : 'failed'} label={`${status} ${statusText}`.trim()} />
        <span data-numeric>{ms} ms</span>
        {requestId !== null && (
          <Text fontFamily="mono" truncate>
            {requestId}
          </Text>
        )}
      </Flex>
      <CodeBlock
        code={text === '' ? '(empty)' : isJson ? pretty(text) : text}
        language={isJson ? 'json' : undefined}
        label={contentType.split(';')[0] || 'Answer'}
        maxHeight="460px"
      />
      {truncated && (
        <Text fontSize="xs" color="fg.muted" mt="1">
          There is more; this shows the beginning. Use curl for all of it.
        </Text>
      )}
    </Box>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

interface ParameterFieldProps {
  readonly parameter: Parameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ParameterField({ parameter, value, onChange }: ParameterFieldProps) {
  const { name, required, schema, description } = parameter;
  const options = schema.enum ?? (schema.type === 'boolean' ? [true, false] : undefined);
  return (
    <Field.Root required={required}>
      <Field.Label fontSize="xs" fontFamily="mono">
        {name}
        {required && (
          <Text as="span" color="fg.muted" fontFamily="body" fontWeight="normal">
            required
          </Text>
        )}
      </Field.Label>
      {options === undefined ? (
        <Input
          size="sm"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          placeholder={schema.default === undefined ? '' : JSON.stringify(schema.default)}
          title={description}
          autoComplete="off"
          spellCheck={false}
          inputMode={schema.type === 'integer' ? 'numeric' : undefined}
        />
      ) : (
        <NativeSelect.Root size="sm">
          <NativeSelect.Field
            value={value}
            onChange={(event) => onChange(event.target.value)}
            title={description}
          >
            <option value="">–</option>
            {options.map((option) => (
              <option key={String(option)} value={String(option)}>
                {String(option)}
              </option>
            ))}
          </NativeSelect.Field>
          <NativeSelect.Indicator />
        </NativeSelect.Root>
      )}
    </Field.Root>
  );
}

function beginWith(operation: ApiOperation, tenant: string): FilledRequest {
  const wantsTenant = operation.parameters.filter(
    ({ name, place }) => place === 'path' && (name === 'tenant' || name === 'ref'),
  );
  return {
    values: Object.fromEntries(wantsTenant.map(({ name }) => [name, tenant])),
    body: operation.body === undefined ? '' : JSON.stringify(sampleOf(operation.body), null, 2),
  };
}
