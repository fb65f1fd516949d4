import { Button, IconButton, Menu, Portal } from '@chakra-ui/react';
import type { Tenant } from '@tenantry/contract';
import { CirclePause, Ellipsis, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { TenantActionDialog } from '../../components/tenant-action-dialog.tsx';
import { useCan } from '../../lib/session.ts';
import { useCommand } from '../../lib/shortcuts/use-command.ts';
import { actionsFor, type TenantAction } from '../../lib/tenants/actions.ts';

const icons = { suspend: CirclePause, resume: Play, purge: Trash2 } as const;

/** What the state and the role allow: the usual next step as a button, the others in a menu. */
export function LifecycleButtons({ tenant }: { readonly tenant: Tenant }) {
  const can = useCan();
  const [action, setAction] = useState<TenantAction>();
  const actions = actionsFor(tenant, can);
  const [first, ...rest] = actions;
  if (!first) return null;
  const Icon = icons[first.id as keyof typeof icons];
  return (
    <>
      {actions.map((item) => (
        <ActionCommand key={item.id} action={item} onRun={() => setAction(item)} />
      ))}
      <Button
        size="sm"
        variant={first.destructive ? 'outline' : 'solid'}
        colorPalette={first.destructive ? 'gray' : 'brand'}
        onClick={() => setAction(first)}
      >
        <Icon aria-hidden /> {first.label}
      </Button>
      {rest.length > 0 && (
        <Menu.Root lazyMount unmountOnExit positioning={{ placement: 'bottom-end' }}>
          <Menu.Trigger asChild>
            <IconButton size="sm" variant="outline" colorPalette="gray" aria-label="More actions">
              <Ellipsis aria-hidden />
            </IconButton>
          </Menu.Trigger>
          <Portal>
            <Menu.Positioner>
              <Menu.Content>
                {rest.map((item) => (
                  <Menu.Item
                    key={item.id}
                    value={item.id}
                    onClick={() => setAction(item)}
                    {...(item.destructive ? { color: 'fg.error' } : {})}
                  >
                    {item.label}…
                  </Menu.Item>
                ))}
              </Menu.Content>
            </Menu.Positioner>
          </Portal>
        </Menu.Root>
      )}
      <TenantActionDialog tenant={tenant} action={action} onClose={() => setAction(undefined)} />
    </>
  );
}

function ActionCommand({ action, onRun }: { readonly action: TenantAction; readonly onRun: () => void }) {
  useCommand({
    id: `tenant:${action.id}`,
    label: `${action.label} this tenant`,
    group: 'This page',
    run: onRun,
  });
  return null;
}
