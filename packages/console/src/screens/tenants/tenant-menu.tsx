import { IconButton, Menu, Portal } from '@chakra-ui/react';
import type { Tenant } from '@tenantry/contract';
import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { TenantActionDialog } from '../../components/tenant-action-dialog.tsx';
import { notify } from '../../components/toaster.tsx';
import { useCan } from '../../lib/session.ts';
import { actionsFor, type TenantAction } from '../../lib/tenants/actions.ts';

/** What can be done with a tenant from the list. */
export function TenantMenu({ tenant }: { readonly tenant: Tenant }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        size="xs"
        variant="ghost"
        colorPalette="gray"
        color="fg.muted"
        aria-label={`Actions for ${tenant.name}`}
        aria-haspopup="menu"
        hidden={open}
        onClick={() => setOpen(true)}
      >
        <Ellipsis aria-hidden />
      </IconButton>
      {open && <OpenMenu tenant={tenant} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Made when it is opened: a hundred rows need no hundred menus. */
function OpenMenu({ tenant, onClose }: { readonly tenant: Tenant; readonly onClose: () => void }) {
  const can = useCan();
  const [action, setAction] = useState<TenantAction>();
  const copy = (text: string, what: string) => {
    navigator.clipboard.writeText(text).then(
      () => notify({ title: `Copied ${what}` }),
      () => notify({ title: 'The browser did not allow copying' }),
    );
  };
  return (
    <>
      <Menu.Root defaultOpen onExitComplete={() => action === undefined && onClose()} unmountOnExit lazyMount>
        <Menu.Trigger asChild>
          <IconButton
            size="xs"
            variant="subtle"
            colorPalette="gray"
            aria-label={`Actions for ${tenant.name}`}
            autoFocus
          >
            <Ellipsis aria-hidden />
          </IconButton>
        </Menu.Trigger>
        <Portal>
          <Menu.Positioner>
            <Menu.Content minW="180px">
              {actionsFor(tenant, can).map((item) => (
                <Menu.Item
                  key={item.id}
                  value={item.id}
                  onClick={() => setAction(item)}
                  {...(item.destructive ? { color: 'fg.error' } : {})}
                >
                  {item.label}…
                </Menu.Item>
              ))}
              <Menu.Separator />
              <Menu.Item value="copy-id" onClick={() => copy(tenant.id, 'the tenant id')}>
                Copy id
              </Menu.Item>
              {tenant.slug !== null && (
                <Menu.Item value="copy-slug" onClick={() => copy(tenant.slug ?? '', 'the slug')}>
                  Copy slug
                </Menu.Item>
              )}
            </Menu.Content>
          </Menu.Positioner>
        </Portal>
      </Menu.Root>
      <TenantActionDialog tenant={tenant} action={action} onClose={onClose} />
    </>
  );
}
