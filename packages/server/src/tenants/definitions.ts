import type { OperationDefinitions } from '../operations/definition.ts';
import { provisionOperation } from './provision.ts';
import { purgeOperation } from './purge.ts';

/** Every kind of operation, by its name. */
export const operationDefinitions: OperationDefinitions = {
  'tenant.provision': provisionOperation,
  'tenant.purge': purgeOperation,
};
