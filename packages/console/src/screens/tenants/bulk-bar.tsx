import { Box, Button, Flex, IconButton, Text } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError, type Tenant } from '@tenantry/contract';
import { X } from 'lucide-react';
import { useState } from 'react';
import { Confirm, type Confirmation } from '../../components/confirm.tsx';
import { notify } from '../../components/toaster.tsx';
import { plural } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { tenantActions, type TenantAction } from '../../lib/tenants/actions.ts';
import { rememberTenant } from '../../lib/tenants/cache.ts';

/** What can be done to several tenants; a purge is asked for one by one. */
const bulk = tenantActions.filter(({ id }) => id !== 'purge');

/** What can be done with the chosen tenants, each for those whose state allows it. */
export default function BulkBar({
  tenants,
  onClose,
}: {
  readonly tenants: readonly Tenant[];
  readonly onClose: () => void;
}) {
  const can = useCan();
  const [action, setAction] = useState<TenantAction>();
  const { run, progress } = useBulk();
  const fit = (candidate: TenantAction) => tenants.filter(({ state }) => candidate.from.includes(state));
  const affected = action === undefined ? [] : fit(action);
  return (
    <Flex position="sticky" bottom="4" zIndex="docked" justify="center" mt="4" pointerEvents="none">
      <Flex
        role="region"
        aria-label="Chosen tenants"
        align="center"
        gap="2"
        bg="bg.panel"
        borderWidth="1px"
        shadow="lg"
        rounded="lg"
        p="2"
        ps="4"
        pointerEvents="auto"
        wrap="wrap"
        maxW="full"
      >
        <Text fontWeight="medium" me="2" aria-live="polite">
          {plural(tenants.length, 'tenant')} chosen
        </Text>
        {bulk
          .filter((candidate) => can(candidate.permission) && fit(candidate).length > 0)
          .map((candidate) => (
            <Button
              key={candidate.id}
              size="xs"
              variant="outline"
              colorPalette={candidate.destructive ? 'red' : 'gray'}
              onClick={() => setAction(candidate)}
            >
              {candidate.label}
              {fit(candidate).length < tenants.length ? ` ${fit(candidate).length}` : ''}…
            </Button>
          ))}
        <IconButton size="xs" variant="ghost" colorPalette="gray" aria-label="Choose none" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </Flex>
      {action && (
        <Confirm
          open
          onClose={() => setAction(undefined)}
          title={`${action.label} ${plural(affected.length, 'tenant')}?`}
          effects={affected[0] ? action.effects(affected[0]) : []}
          reason="optional"
          action={`${action.label} ${plural(affected.length, 'tenant')}`}
          destructive={action.destructive}
          onConfirm={async (confirmation) => {
            await run(action, affected, confirmation);
            onClose();
          }}
        >
          <Box
            as="ul"
            maxH="160px"
            overflowY="auto"
            borderWidth="1px"
            rounded="md"
            px="3"
            py="2"
            listStyleType="none"
            tabIndex={0}
          >
            {affected.map(({ id, name }) => (
              <Text as="li" key={id} truncate dir="auto">
                {name}
              </Text>
            ))}
          </Box>
          {progress !== undefined && (
            <Text role="status" color="fg.muted" data-numeric>
              {progress} of {affected.length} done
            </Text>
          )}
        </Confirm>
      )}
    </Flex>
  );
}

function useBulk() {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<number>();
  const run = async (action: TenantAction, tenants: readonly Tenant[], confirmation: Confirmation) => {
    const failed: string[] = [];
    setProgress(0);
    // One after the other: each ends connections, and the control plane has other things to do.
    for (const [at, tenant] of tenants.entries()) {
      try {
        const result = await action.run(tenant, confirmation, { force: false, releaseSlug: false });
        if (result.tenant) rememberTenant(queries, result.tenant);
      } catch (error) {
        // A tenant that somebody else has changed meanwhile must not keep the others from it.
        if (!(error instanceof ApiError) || error.problem.status >= 500) throw error;
        failed.push(`${tenant.name}: ${error.message}`);
      }
      setProgress(at + 1);
    }
    notify({
      title: `${action.label}: ${plural(tenants.length - failed.length, 'tenant')} done`,
      ...(failed.length > 0 ? { description: `Not done: ${failed.join(' ')}` } : {}),
    });
  };
  return { run, progress };
}
