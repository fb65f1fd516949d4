import { Menu, Portal } from '@chakra-ui/react';
import type { Tenant } from '@tenantry/contract';
import { useState } from 'react';
import { useOpened } from '../../components/deferred.tsx';
import { TenantActionDialog } from '../../components/tenant-action-dialog.tsx';
import { notify } from '../../components/toaster.tsx';
import { useCan } from '../../lib/session.ts';
import { actionsFor, type TenantAction } from '../../lib/tenants/actions.ts';
import { TenantMenuButton } from './tenant-menu.tsx';

/** The menu of a row, made when it is opened: a hundred rows need no hundred menus. */
export default function TenantMenuOpen({ tenant }: { readonly tenant: Tenant }) {
  const trigger = useOpened();
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
      <Menu.Root unmountOnExit lazyMount>
        <Menu.Trigger asChild>
          <TenantMenuButton ref={trigger} tenant={tenant} />
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
      <TenantActionDialog tenant={tenant} action={action} onClose={() => setAction(undefined)} />
    </>
  );
}
