import { Button, Field, Flex, Input, Spinner, Text, chakra } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { SlugCheck } from '@tenantry/contract';
import { CircleCheck, CircleX } from 'lucide-react';
import type { SyntheticEvent } from 'react';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { LabelEditor, labelProblem } from '../../components/label-editor.tsx';
import { Panel } from '../../components/page.tsx';
import { read } from '../../lib/api.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { slugFor, type Draft } from './draft.ts';

interface IdentityStepProps {
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
  readonly onNext: () => void;
}

const planPattern = /^[a-z0-9][a-z0-9_-]{0,39}$/;

/** Who the tenant is. Whether the slug is free is asked while it is typed. */
export function IdentityStep({ draft, onChange, onNext }: IdentityStepProps) {
  const slug = draft.slug.trim();
  const settled = useDebounced(slug, 200);
  const check = useQuery({
    ...read('checkSlug', { params: { slug: settled } }),
    enabled: settled !== '',
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const known = check.data?.slug === slug && settled === slug ? check.data : undefined;
  const planProblem =
    draft.plan !== '' && !planPattern.test(draft.plan.trim())
      ? 'Lower-case letters, digits, _ and -'
      : undefined;
  const ready =
    known?.available === true &&
    planProblem === undefined &&
    draft.labels.every((row) => labelProblem(draft.labels, row) === undefined);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (ready) onNext();
  };
  return (
    <Panel title="Who is the tenant?">
      <Flex as="form" direction="column" gap="5" onSubmit={submit}>
        <Field.Root>
          <Field.Label>Name</Field.Label>
          <Input
            value={draft.name}
            autoFocus
            dir="auto"
            maxLength={200}
            placeholder="Acme Corporation"
            autoComplete="off"
            onChange={(event) => {
              const name = event.target.value;
              onChange({ name, ...(draft.slugTyped ? {} : { slug: slugFor(name) }) });
            }}
          />
          <Field.HelperText>What people call the customer. It can be changed at any time.</Field.HelperText>
        </Field.Root>
        <Field.Root required invalid={known !== undefined && !known.available}>
          <Field.Label>Slug</Field.Label>
          <Input
            value={draft.slug}
            fontFamily="mono"
            maxLength={100}
            placeholder="acme"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) =>
              onChange({ slug: event.target.value.toLowerCase(), slugTyped: event.target.value !== '' })
            }
          />
          <SlugAnswer
            slug={slug}
            check={known}
            checking={slug !== '' && known === undefined && !check.isError}
            onTake={(suggestion) => onChange({ slug: suggestion, slugTyped: true })}
          />
          {check.isError && <ErrorAlert error={check.error} onRetry={() => void check.refetch()} />}
        </Field.Root>
        <Field.Root invalid={planProblem !== undefined}>
          <Field.Label>Plan</Field.Label>
          <Input
            value={draft.plan}
            maxLength={40}
            placeholder="standard"
            autoComplete="off"
            onChange={(event) => onChange({ plan: event.target.value })}
          />
          {planProblem === undefined ? (
            <Field.HelperText>The commercial plan; “standard” when left empty.</Field.HelperText>
          ) : (
            <Field.ErrorText>{planProblem}</Field.ErrorText>
          )}
        </Field.Root>
        <chakra.fieldset>
          <Text as="legend" fontWeight="medium" mb="1.5">
            Labels
          </Text>
          <LabelEditor rows={draft.labels} onChange={(labels) => onChange({ labels })} />
        </chakra.fieldset>
        <Flex justify="flex-end">
          <Button type="submit" size="sm" disabled={!ready}>
            Continue
          </Button>
        </Flex>
      </Flex>
    </Panel>
  );
}

interface SlugAnswerProps {
  readonly slug: string;
  readonly check: SlugCheck | undefined;
  readonly checking: boolean;
  readonly onTake: (suggestion: string) => void;
}

function SlugAnswer({ slug, check, checking, onTake }: SlugAnswerProps) {
  return (
    <Flex aria-live="polite" align="center" gap="1.5" minH="5" fontSize="xs" color="fg.muted" wrap="wrap">
      {slug === '' && 'The name in addresses: lower-case letters, digits and hyphens, at most 63.'}
      {checking && (
        <>
          <Spinner size="xs" /> Looking whether it is free…
        </>
      )}
      {check?.available === true && (
        <Flex as="span" color="fg.success" align="center" gap="1.5">
          <CircleCheck size={14} aria-hidden /> “{check.slug}” is free
        </Flex>
      )}
      {check?.available === false && (
        <>
          <Flex as="span" color="fg.error" align="center" gap="1.5">
            <CircleX size={14} aria-hidden /> {check.reason}
          </Flex>
          {check.suggestion !== null && (
            <Button
              type="button"
              size="2xs"
              variant="outline"
              colorPalette="gray"
              onClick={() => onTake(check.suggestion ?? '')}
            >
              Use {check.suggestion}
            </Button>
          )}
        </>
      )}
    </Flex>
  );
}
