import type { OperationDefinitions } from '../operations/definition.ts';
import { operationDefinitions as definitions } from '../readers/definitions.ts';
import { runOperation } from './run.ts';

/** Every kind of operation, by its name. */
export const operationDefinitions: OperationDefinitions = {
  ...definitions,
  'isolation.run': runOperation,
};
