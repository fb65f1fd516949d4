import { Checkbox, Flex, Text } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Tenant } from '@tenantry/contract';
import { useState } from 'react';
import type { TenantAction } from '../lib/tenants/actions.ts';
import { rememberTenant } from '../lib/tenants/cache.ts';
import { utcTime } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { Confirm } from './confirm.tsx';
import { notify } from './toaster.tsx';

interface TenantActionDialogProps {
  readonly tenant: Tenant;
  /** What is being asked; undefined: nothing, and the dialog is closed. */
  readonly action: TenantAction | undefined;
  readonly onClose: () => void;
}

/** Asks before a tenant's life takes a turn, does it, and tells where to watch what goes on. */
export function TenantActionDialog({ tenant, action, onClose }: TenantActionDialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const now = useNow();
  const inGrace = tenant.purgeAfter !== null && Date.parse(tenant.purgeAfter) > now;
  const [force, setForce] = useState(false);
  const [releaseSlug, setReleaseSlug] = useState(false);
  if (!action) return null;
  return (
    <Confirm
      open
      onClose={onClose}
      title={`${action.label} ${tenant.name}?`}
      effects={action.effects(tenant)}
      {...(action.irreversible === undefined ? {} : { irreversible: action.irreversible })}
      {...(action.id === 'purge' ? { typeToConfirm: tenant.slug ?? tenant.id } : {})}
      reason="optional"
      action={`${action.label} tenant`}
      destructive={action.destructive}
      onConfirm={async (confirmation) => {
        const { tenant: after, operation } = await action.run(tenant, confirmation, { force, releaseSlug });
        if (after) rememberTenant(queries, after);
        notify({
          title: `${tenant.name} ${action.done}`,
          ...(operation === undefined
            ? {}
            : {
                action: {
                  label: 'Watch',
                  onClick: () => void navigate({ to: '/operations/$operation', params: { operation } }),
                },
              }),
        });
      }}
    >
      {action.id === 'purge' && (
        <Flex direction="column" gap="3">
          {inGrace && (
            <Option checked={force} onChange={setForce} label="Do not wait for the end of the grace period">
              It can be brought back until {utcTime(tenant.purgeAfter ?? '')}.
            </Option>
          )}
          <Option checked={releaseSlug} onChange={setReleaseSlug} label="Let another tenant have the slug">
            Otherwise nobody gets it again.
          </Option>
        </Flex>
      )}
    </Confirm>
  );
}

interface OptionProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly label: string;
  readonly children: React.ReactNode;
}

function Option({ checked, onChange, label, children }: OptionProps) {
  return (
    <Checkbox.Root
      checked={checked}
      onCheckedChange={(details) => onChange(details.checked === true)}
      alignItems="flex-start"
    >
      <Checkbox.HiddenInput />
      <Checkbox.Control mt="0.5" />
      <Checkbox.Label fontWeight="normal">
        {label}
        <Text color="fg.muted" fontSize="xs">
          {children}
        </Text>
      </Checkbox.Label>
    </Checkbox.Root>
  );
}
