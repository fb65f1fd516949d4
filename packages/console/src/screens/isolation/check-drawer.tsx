import { Box, Button, Flex, Skeleton, Stack, Text, chakra } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Finding, IsolationCheckDetail, IsolationCheckList } from '@tenantry/contract';
import { ArrowLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { DetailDrawer, DrawerSection } from '../../components/detail-drawer.tsx';
import { Details } from '../../components/details.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { ExactTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { count, plural } from '../../lib/format.ts';
import type { SetSearch } from '../../lib/use-screen-search.ts';
import { byState } from './check-list.ts';
import { CheckStateBadge, FindingState } from './columns.tsx';
import { controlName, controlTitle } from './control-titles.ts';
import type { PostureSearch } from './search.ts';
import { partWords } from './words.ts';

interface CheckDrawerProps {
  readonly list: IsolationCheckList | undefined;
  readonly search: PostureSearch;
  readonly setSearch: SetSearch<PostureSearch>;
}

/** A control can rest on hundreds of checks. */
const checksAtOnce = 25;

/** A control with its checks; one of them with its findings, and the SQL that mends each. */
export function CheckDrawer({ list, search, setSearch }: CheckDrawerProps) {
  const { control, check } = search;
  const close = () => setSearch({ control: undefined, check: undefined });
  const title =
    check === undefined
      ? controlName(control ?? '')
      : (list?.items.find(({ id }) => id === check)?.title ?? check);
  const state =
    check === undefined
      ? list?.controls.find(({ ref }) => ref === control)?.state
      : list?.items.find(({ id }) => id === check)?.state;
  return (
    <DetailDrawer
      open={control !== undefined || check !== undefined}
      onClose={close}
      title={title}
      beside={state && <CheckStateBadge state={state} />}
      above={
        check !== undefined && control !== undefined ? (
          <Button
            size="2xs"
            variant="ghost"
            color="fg.muted"
            mb="1"
            ms="-2"
            onClick={() => setSearch({ check: undefined })}
          >
            <ArrowLeft aria-hidden /> {controlName(control)}
          </Button>
        ) : undefined
      }
    >
      {check === undefined ? (
        control !== undefined &&
        list !== undefined && <Control key={control} list={list} control={control} setSearch={setSearch} />
      ) : (
        <Check check={check} />
      )}
    </DetailDrawer>
  );
}

function Control({
  list,
  control,
  setSearch,
}: {
  readonly list: IsolationCheckList;
  readonly control: string;
  readonly setSearch: SetSearch<PostureSearch>;
}) {
  const [shown, setShown] = useState(checksAtOnce);
  const found = list.controls.find(({ ref }) => ref === control);
  if (found === undefined) return <Text color="fg.muted">There is no such control here.</Text>;
  const checks = byState(
    list.items.filter(({ id }) => found.checks.includes(id)),
    ({ id }) => id,
  );
  // What fails is never behind a button.
  const failing = checks.filter(({ state }) => state === 'failed').length;
  const some = checks.slice(0, Math.max(shown, failing));
  return (
    <>
      <Text mb="1">{controlTitle(control)}</Text>
      <Text mb="5" color="fg.muted">
        {plural(checks.length, 'check supports', 'checks support')} this control. What they show is evidence
        for it; whether it is enough, an auditor judges.
      </Text>
      <Box as="ul" listStyleType="none" borderWidth="1px" rounded="lg" overflow="hidden" aria-label="Checks">
        {some.map((one) => (
          <Box
            as="li"
            key={one.id}
            borderTopWidth="1px"
            borderColor="border.muted"
            _first={{ borderTopWidth: '0' }}
          >
            <chakra.button
              type="button"
              onClick={() => setSearch({ check: one.id })}
              display="flex"
              w="full"
              alignItems="center"
              gap="3"
              px="3"
              py="2.5"
              textAlign="start"
              cursor="pointer"
              _hover={{ bg: 'bg.subtle' }}
              focusVisibleRing="inside"
            >
              <Box flex="1" minW="0">
                <Text fontWeight="medium">{one.title}</Text>
                <Text fontSize="xs" color="fg.muted">
                  {one.proves}
                </Text>
              </Box>
              {one.failingTenants > 0 && (
                <Text fontSize="xs" color="fg.error" whiteSpace="nowrap">
                  {plural(one.failingTenants, 'tenant')}
                </Text>
              )}
              <CheckStateBadge state={one.state} />
              <Box color="fg.subtle" aria-hidden>
                <ChevronRight size={14} />
              </Box>
            </chakra.button>
          </Box>
        ))}
      </Box>
      {some.length < checks.length && (
        <Button
          mt="3"
          size="sm"
          variant="outline"
          colorPalette="gray"
          onClick={() => setShown(some.length + checksAtOnce)}
        >
          Show {Math.min(checksAtOnce, checks.length - some.length)} more of {count(checks.length)}
        </Button>
      )}
    </>
  );
}

function Check({ check }: { readonly check: string }) {
  const { data, error, refetch } = useQuery(read('getIsolationCheck', { params: { check } }));
  if (error)
    return <ErrorAlert error={error} title="The check could not be read" onRetry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <Stack gap="3" role="status" aria-label="Loading the check">
        <Skeleton h="6" />
        <Skeleton h="40" />
      </Stack>
    );
  }
  return <CheckBody check={data} />;
}

function CheckBody({ check }: { readonly check: IsolationCheckDetail }) {
  const { proves, severity, part, controls, lastRunAt, findings, remediation, sql } = check;
  return (
    <>
      <Text mb="5">{proves}</Text>
      <DrawerSection
        title={findings.length === 0 ? 'Findings' : `Findings: ${plural(findings.length, 'subject')}`}
      >
        {findings.length === 0 ? (
          <Text color="fg.muted">Nothing is open.</Text>
        ) : (
          <Stack gap="4">
            {findings.map((finding) => (
              <FindingBrief key={finding.id} finding={finding} />
            ))}
          </Stack>
        )}
      </DrawerSection>
      {remediation !== null && (
        <DrawerSection title="What to do">
          <Text>{remediation}</Text>
        </DrawerSection>
      )}
      <DrawerSection title="Check">
        <Details
          items={[
            {
              name: 'Id',
              value: (
                <Text fontFamily="mono" fontSize="xs">
                  {check.id}
                </Text>
              ),
            },
            { name: 'Part', value: partWords[part].name },
            { name: 'At worst', value: <StateBadge state={severity} /> },
            { name: 'Last run', value: <ExactTime at={lastRunAt} /> },
            { name: 'Evidence for', value: controls.map(controlName).join(', ') || 'no control' },
          ]}
        />
      </DrawerSection>
      {sql !== null && (
        <DrawerSection title="How it is checked">
          <CodeBlock code={sql} label="Statement of the check" language="sql" maxHeight="420px" />
        </DrawerSection>
      )}
    </>
  );
}

function FindingBrief({ finding }: { readonly finding: Finding }) {
  const { id, tenantId, tenantSlug, severity, message, remediation, subject } = finding;
  return (
    <Box borderWidth="1px" rounded="lg" p="3" data-finding={id}>
      <Flex gap="2" align="center" wrap="wrap" mb="1.5">
        <StateBadge state={severity} />
        <FindingState finding={finding} />
        <Text fontWeight="medium">{tenantId === null ? 'Every tenant' : (tenantSlug ?? tenantId)}</Text>
        <Button asChild size="2xs" variant="ghost" ms="auto" color="brand.fg">
          <Link
            to="/isolation/findings"
            search={{ finding: id } as never}
            aria-label={`Open the finding ${subject}`}
          >
            Open
          </Link>
        </Button>
      </Flex>
      <Text overflowWrap="anywhere">{message}</Text>
      {remediation !== null && (
        <Box mt="2.5">
          <CodeBlock
            code={remediation}
            label={`Remediation of ${subject}`}
            language="sql"
            maxHeight="180px"
            wrap
          />
        </Box>
      )}
    </Box>
  );
}
