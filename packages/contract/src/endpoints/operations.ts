import { endpoint } from './endpoint.ts';
import * as operation from '../schemas/operation.ts';

export const operationsEndpoints = {
  listOperations: endpoint({
    method: 'GET',
    path: '/v1/operations',
    summary: 'List operations, newest first',
    tag: 'operations',
    permission: 'operations:read',
    query: operation.ListOperations,
    status: 200,
    response: operation.OperationPage,
  }),
  getOperation: endpoint({
    method: 'GET',
    path: '/v1/operations/{operation}',
    summary: 'Get an operation with its steps',
    tag: 'operations',
    permission: 'operations:read',
    params: operation.OperationRef,
    status: 200,
    response: operation.Operation,
  }),
  cancelOperation: endpoint({
    method: 'POST',
    path: '/v1/operations/{operation}/cancel',
    summary: 'Cancel: what was done is undone',
    tag: 'operations',
    permission: 'operations:write',
    params: operation.OperationRef,
    status: 202,
    response: operation.Operation,
  }),
  retryOperation: endpoint({
    method: 'POST',
    path: '/v1/operations/{operation}/retry',
    summary: 'Run a failed or cancelled operation again',
    tag: 'operations',
    permission: 'operations:write',
    params: operation.OperationRef,
    status: 202,
    response: operation.Operation,
  }),
} as const;
