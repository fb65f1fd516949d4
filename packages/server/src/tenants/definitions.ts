import type { OperationDefinitions } from '../operations/definition.ts';
import { provisionOperation } from './provision.ts';
import { purgeOperation } from './purge.ts';

/** Every kind of operation about a tenant, by its name. */
export const operationDefinitions: Pick<OperationDefinitions, 'tenant.provision' | 'tenant.purge'> = {
  'tenant.provision': provisionOperation,
  'tenant.purge': purgeOperation,
};
