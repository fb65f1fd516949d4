import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import type { Step } from '@tenantry/contract';
import { plural } from '../lib/format.ts';
import { duration } from '../lib/time.ts';

interface FileTime {
  readonly script: string;
  readonly ms: number;
}

/** What a step says about itself: the files with their times, what a rollback removed, anything else by name. */
export function StepDetail({ step }: { readonly step: Step }) {
  if (!step.detail) return null;
  const { files, removed, byPostgres, ...rest } = step.detail;
  return (
    <Box fontSize="xs" color="fg.muted" mt="0.5">
      {isFileTimes(files) && files.length > 0 && <FileTimes files={files} />}
      {Array.isArray(removed) && (
        <Text>
          {removed.length > 0
            ? `Removed: ${removed.join(', ')}.`
            : byPostgres === true
              ? 'PostgreSQL rolled back the transaction: nothing is left.'
              : 'There was nothing to remove.'}
        </Text>
      )}
      <Rest detail={rest} />
    </Box>
  );
}

function FileTimes({ files }: { readonly files: readonly FileTime[] }) {
  const slowest = Math.max(...files.map(({ ms }) => ms), 1);
  return (
    <chakra.details mt="1" open={files.length <= 12}>
      <chakra.summary cursor="pointer" w="fit-content" rounded="sm" focusVisibleRing="outside">
        {plural(files.length, 'file')} in {duration(files.reduce((sum, { ms }) => sum + ms, 0))}
      </chakra.summary>
      <Box as="ul" mt="1.5" listStyleType="none" maxW="640px">
        {files.map(({ script, ms }) => (
          <Flex as="li" key={script} align="center" gap="3" py="0.5">
            <Text as="span" fontFamily="mono" truncate flex="1" title={script}>
              {script}
            </Text>
            <Box
              w={{ base: '48px', sm: '96px' }}
              h="1"
              rounded="full"
              bg="bg.emphasized"
              overflow="hidden"
              aria-hidden
            >
              <Box h="full" bg="brand.solid" style={{ width: `${Math.max(3, (100 * ms) / slowest)}%` }} />
            </Box>
            <Text as="span" w="16" textAlign="end" data-numeric>
              {duration(ms)}
            </Text>
          </Flex>
        ))}
      </Box>
    </chakra.details>
  );
}

function Rest({ detail }: { readonly detail: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(detail).filter(
    ([name, value]) => shown.has(name) && value !== null && value !== undefined,
  );
  if (entries.length === 0) return null;
  return (
    <Flex as="dl" wrap="wrap" columnGap="4" mt="1">
      {entries.map(([name, value]) => (
        <Flex key={name} gap="1">
          <chakra.dt>{shown.get(name)}</chakra.dt>
          <chakra.dd fontFamily="mono" overflowWrap="anywhere">
            {typeof value === 'string'
              ? value
              : value === true
                ? 'yes'
                : value === false
                  ? 'no'
                  : JSON.stringify(value)}
          </chakra.dd>
        </Flex>
      ))}
    </Flex>
  );
}

/** Of what steps note for themselves, that which tells a person something. */
const shown = new Map([
  ['schemaVersion', 'schema version'],
  ['warm', 'from the warm pool'],
  ['attempts', 'attempts refused'],
  ['refused', 'refused with'],
  ['existed', 'schema was there'],
]);

function isFileTimes(value: unknown): value is readonly FileTime[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item: unknown) => typeof item === 'object' && item !== null && 'script' in item && 'ms' in item,
    )
  );
}
