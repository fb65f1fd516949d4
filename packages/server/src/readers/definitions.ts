import type { OperationDefinitions } from '../operations/definition.ts';
import { operationDefinitions as definitions } from '../tenants/definitions.ts';
import { leaveTenant } from './leave.ts';

const purge = definitions['tenant.purge'];

/** Every kind of operation about a tenant, by its name; a tenant is taken from the readers that see it before it is purged. */
export const operationDefinitions: Pick<OperationDefinitions, 'tenant.provision' | 'tenant.purge'> = {
  ...definitions,
  'tenant.purge': {
    ...purge,
    async run(step, context) {
      await leaveTenant(context.ctx, context.operation.tenant_id ?? '');
      return purge.run(step, context);
    },
  },
};
