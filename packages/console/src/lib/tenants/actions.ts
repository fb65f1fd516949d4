import type { Permission, Tenant, TenantState } from '@tenantry/contract';
import { api } from '../api.ts';
import type { Confirmation } from '../../components/confirm.tsx';

/** What a person can do to a tenant's life. */
export interface TenantAction {
  readonly id: 'suspend' | 'resume' | 'archive' | 'delete' | 'purge';
  readonly label: string;
  /** The states that allow it, as the control plane has them. */
  readonly from: readonly TenantState[];
  readonly permission: Permission;
  readonly destructive: boolean;
  /** Said when it is done, after the name of the tenant. */
  readonly done: string;
  /** What will happen, a sentence each. */
  readonly effects: (tenant: Tenant) => readonly string[];
  readonly irreversible?: string;
  readonly run: (tenant: Tenant, confirmation: Confirmation, options: PurgeOptions) => Promise<ActionResult>;
}

export interface PurgeOptions {
  readonly force: boolean;
  readonly releaseSlug: boolean;
}

export interface ActionResult {
  readonly tenant: Tenant | null;
  /** Of what goes on after the answer. */
  readonly operation?: string;
}

const why = ({ reason }: Confirmation) => (reason === undefined ? {} : { reason });
const paramsOf = (tenant: Tenant) => ({ params: { tenant: tenant.id } });

export const tenantActions: readonly TenantAction[] = [
  {
    id: 'resume',
    label: 'Resume',
    from: ['suspended', 'archived', 'deleting'],
    permission: 'tenants:write',
    destructive: false,
    done: 'is active',
    effects: () => [
      'PostgreSQL lets the tenant’s login in again, at once.',
      'Its data is as it was: nothing is restored or changed.',
    ],
    run: async (tenant, confirmation) => ({
      tenant: await api.call('resumeTenant', { ...paramsOf(tenant), body: why(confirmation) }),
    }),
  },
  {
    id: 'suspend',
    label: 'Suspend',
    from: ['active'],
    permission: 'tenants:write',
    destructive: true,
    done: 'is suspended',
    effects: () => [
      'PostgreSQL refuses new connections of the tenant, and ends the open ones: its application stops working.',
      'The data stays as it is. Resume takes it back.',
    ],
    run: async (tenant, confirmation) => ({
      tenant: await api.call('suspendTenant', { ...paramsOf(tenant), body: why(confirmation) }),
    }),
  },
  {
    id: 'archive',
    label: 'Archive',
    from: ['active', 'suspended'],
    permission: 'tenants:write',
    destructive: true,
    done: 'is archived',
    effects: () => [
      'No connection from now on; open ones are ended.',
      'The data is kept, without an end. Resume takes it back.',
    ],
    run: async (tenant, confirmation) => ({
      tenant: await api.call('archiveTenant', { ...paramsOf(tenant), body: why(confirmation) }),
    }),
  },
  {
    id: 'delete',
    label: 'Delete',
    from: ['active', 'suspended', 'archived'],
    permission: 'tenants:write',
    destructive: true,
    done: 'is being deleted',
    effects: () => [
      'No connection from now on; open ones are ended.',
      'The data is kept until the grace period ends. Until then, Resume takes it back.',
      'After that the schema, its roles and its large objects are dropped by themselves.',
    ],
    run: async (tenant, confirmation) => ({
      tenant: await api.call('deleteTenant', { ...paramsOf(tenant), body: why(confirmation) }),
    }),
  },
  {
    id: 'purge',
    label: 'Purge',
    from: ['deleting'],
    permission: 'tenants:purge',
    destructive: true,
    done: 'is being purged',
    effects: ({ schema }) => [
      `The schema ${schema}, its roles and its large objects are dropped.`,
      'The audit trail of the tenant stays.',
    ],
    irreversible: 'This cannot be undone: the data is gone when it has run.',
    run: async (tenant, confirmation, { force, releaseSlug }) => {
      const { operation, tenant: after } = await api.call('purgeTenant', {
        ...paramsOf(tenant),
        idempotencyKey: confirmation.idempotencyKey,
        body: { confirm: confirmation.typed ?? '', force, releaseSlug, ...why(confirmation) },
      });
      return { tenant: after, operation: operation.id };
    },
  },
];

/** The actions that the state of a tenant and the permissions of a person allow. */
export function actionsFor(
  tenant: Tenant,
  can: (permission: Permission) => boolean,
): readonly TenantAction[] {
  return tenantActions.filter(({ from, permission }) => from.includes(tenant.state) && can(permission));
}
