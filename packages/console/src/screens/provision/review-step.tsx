import { Box, Button, Collapsible, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import type { TenantPlan } from '@tenantry/contract';
import { ChevronRight, CircleX, Rocket } from 'lucide-react';
import { useState } from 'react';
import { CodeBlock, Mono } from '../../components/code-block.tsx';
import { Details } from '../../components/details.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { read } from '../../lib/api.ts';
import { plural } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';
import { Labels } from '../tenants/columns.tsx';
import { requestOf, type Draft } from './draft.ts';
import { Findings } from './template-step.tsx';
import { WizardButtons } from './wizard-buttons.tsx';

interface ReviewStepProps {
  readonly draft: Draft;
  readonly onBack: () => void;
  /** Rejects when the request is refused. */
  readonly onRun: () => Promise<void>;
}

/** What will run, to the letter, as the control plane plans it now. */
export function ReviewStep({ draft, onBack, onRun }: ReviewStepProps) {
  const request = requestOf(draft);
  const plan = useQuery({ ...read('planTenant', { body: request }), staleTime: 0 });
  const [error, setError] = useState<unknown>();
  const [starting, setStarting] = useState(false);
  const run = async () => {
    setStarting(true);
    setError(undefined);
    try {
      await onRun();
    } catch (failure) {
      setError(failure);
      setStarting(false);
    }
  };
  return (
    <Flex direction="column" gap="5">
      <Panel title="The tenant">
        <Details
          columns={2}
          items={[
            { name: 'Name', value: <bdi>{draft.name.trim() || request.slug}</bdi> },
            { name: 'Slug', value: <Mono>{request.slug}</Mono> },
            { name: 'Plan', value: request.plan ?? 'standard' },
            { name: 'Cell', value: plan.data?.cell ?? request.cell ?? 'default' },
            { name: 'Labels', value: <Labels labels={request.labels ?? {}} all /> },
          ]}
        />
      </Panel>
      {plan.error && (
        <ErrorAlert
          error={plan.error}
          title="The plan could not be made"
          onRetry={() => void plan.refetch()}
        />
      )}
      {plan.data ? <Plan plan={plan.data} /> : !plan.error && <Skeleton h="280px" rounded="lg" />}
      {error !== undefined && <ErrorAlert error={error} title="Nothing was created" />}
      <WizardButtons onBack={onBack}>
        <Button
          size="sm"
          onClick={() => void run()}
          loading={starting}
          loadingText="Starting"
          disabled={plan.data?.ok !== true}
        >
          <Rocket aria-hidden /> Provision tenant
        </Button>
      </WizardButtons>
    </Flex>
  );
}

function Plan({ plan }: { readonly plan: TenantPlan }) {
  const { problems, lint, steps, migrations, roles, estimate, rollback, way, spares } = plan;
  return (
    <>
      {problems.length > 0 && (
        <Box role="alert" bg="bg.error" borderWidth="1px" borderColor="red.muted" rounded="lg" p="4">
          <Text fontWeight="semibold">It would be refused</Text>
          {problems.map(({ code, message, file, line }) => (
            <Flex key={`${code} ${file ?? ''} ${line ?? ''}`} gap="2" mt="1.5" align="flex-start">
              <Box color="fg.error" mt="0.5" aria-hidden>
                <CircleX size={14} />
              </Box>
              <Text overflowWrap="anywhere">
                {message}{' '}
                <Text as="span" fontFamily="mono" fontSize="xs" color="fg.muted">
                  {[code, file, line === undefined ? undefined : `line ${line}`].filter(Boolean).join(' ')}
                </Text>
              </Text>
            </Flex>
          ))}
        </Box>
      )}
      <Panel
        title="What will run"
        description={
          way === 'claim'
            ? `A spare from the warm pool is claimed (${plural(spares, 'spare')} ready): it has been built and probed already`
            : 'Built in one transaction: all of it, or nothing'
        }
        flush
        actions={
          estimate && (
            <Text
              color="fg.muted"
              fontSize="sm"
              whiteSpace="nowrap"
              title={`Of the last ${estimate.operations} operations; the slowest 5 % took ${duration(estimate.p95)}`}
            >
              about {duration(estimate.p50)}
            </Text>
          )
        }
      >
        <Box as="ol" listStyleType="none">
          {steps.map(({ name, title, sql }, at) => (
            <PlannedStep
              key={name}
              number={at + 1}
              title={title}
              sql={sql}
              open={at === 0 && steps.length > 1}
            />
          ))}
        </Box>
      </Panel>
      {migrations.length > 0 && (
        <Panel
          title="Migrations"
          description={`${plural(migrations.length, 'file')} ${way === 'claim' ? 'that it was built from' : 'in the order they run'}, up to version ${plan.schemaVersion ?? 'none'}`}
          flush
        >
          {lint.findings.length > 0 && <Findings findings={lint.findings} />}
          <Box
            as="ol"
            listStyleType="none"
            maxH="420px"
            overflowY="auto"
            tabIndex={0}
            aria-label="Migrations"
          >
            {migrations.map(({ script, statements, sql, afterCommit }, at) => (
              <PlannedStep
                key={script}
                number={at + 1}
                title={script}
                note={`${plural(statements, 'statement')}${afterCommit > 0 ? `, ${afterCommit} after the commit` : ''}`}
                sql={sql}
                open={false}
              />
            ))}
          </Box>
        </Panel>
      )}
      <Panel title="What will be there">
        <Details
          items={[
            ...roles.map(({ role, login, meaning }) => ({
              name: login ? 'Login' : 'Role',
              value: (
                <>
                  <Mono>{role}</Mono>{' '}
                  <Text as="span" color="fg.muted">
                    {meaning}
                  </Text>
                </>
              ),
            })),
            { name: 'Schema', value: <Mono>{plan.schema}</Mono> },
          ].map((item, at) => ({
            ...item,
            name: at === 1 && roles.length > 1 && item.name === 'Login' ? 'Login ' : item.name,
          }))}
        />
        <Text color="fg.muted" fontSize="xs" mt="2">
          The id is generated when it runs; {plan.sampleId} stands for it here.
        </Text>
      </Panel>
      <Panel title="If a step fails">
        <Box as="ul" ps="5" listStyleType="disc" color="fg.muted" css={{ '& > li + li': { mt: '1' } }}>
          {rollback.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </Box>
      </Panel>
    </>
  );
}

interface PlannedStepProps {
  readonly number: number;
  readonly title: string;
  readonly note?: string;
  readonly sql: string | null;
  readonly open: boolean;
}

function PlannedStep({ number, title, note, sql, open }: PlannedStepProps) {
  const head = (
    <>
      <Text as="span" color="fg.muted" fontSize="xs" w="5" data-numeric>
        {number}
      </Text>
      <Text as="span" flex="1" textAlign="start" overflowWrap="anywhere">
        {title}
      </Text>
      {note !== undefined && (
        <Text as="span" color="fg.muted" fontSize="xs">
          {note}
        </Text>
      )}
    </>
  );
  return (
    <Box as="li" borderBottomWidth="1px" borderColor="border.muted" _last={{ borderBottomWidth: 0 }}>
      {sql === null ? (
        <Flex align="center" gap="2.5" px="4" minH="10" py="2" ps="10">
          {head}
        </Flex>
      ) : (
        <Collapsible.Root defaultOpen={open} lazyMount>
          <Collapsible.Trigger
            display="flex"
            alignItems="center"
            gap="2.5"
            px="4"
            py="2"
            minH="10"
            w="full"
            cursor="pointer"
            _hover={{ bg: 'bg.subtle' }}
            focusVisibleRing="inside"
          >
            <Collapsible.Indicator transition="transform 120ms" _open={{ transform: 'rotate(90deg)' }}>
              <ChevronRight size={14} aria-hidden />
            </Collapsible.Indicator>
            {head}
          </Collapsible.Trigger>
          <Collapsible.Content>
            <Box px="4" pb="4">
              <CodeBlock label={`SQL of ${title}`} code={sql} maxHeight="360px" />
            </Box>
          </Collapsible.Content>
        </Collapsible.Root>
      )}
    </Box>
  );
}
