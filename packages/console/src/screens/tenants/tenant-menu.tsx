import { IconButton } from '@chakra-ui/react';
import type { Tenant } from '@tenantry/contract';
import { Ellipsis } from 'lucide-react';
import { lazy } from 'react';
import { Deferred, type TriggerProps } from '../../components/deferred.tsx';

const TenantMenuOpen = lazy(() => import('./tenant-menu-open.tsx'));

/** What can be done with a tenant from the list. */
export function TenantMenu({ tenant }: { readonly tenant: Tenant }) {
  return (
    <Deferred
      menu={TenantMenuOpen}
      props={{ tenant }}
      button={(onClick) => <TenantMenuButton tenant={tenant} aria-haspopup="menu" onClick={onClick} />}
    />
  );
}

/** What opens the menu of a row. */
export function TenantMenuButton({ tenant, ...props }: TriggerProps & { readonly tenant: Tenant }) {
  return (
    <IconButton
      size="xs"
      variant="ghost"
      colorPalette="gray"
      color="fg.muted"
      aria-label={`Actions for ${tenant.name}`}
      {...props}
    >
      <Ellipsis aria-hidden />
    </IconButton>
  );
}
