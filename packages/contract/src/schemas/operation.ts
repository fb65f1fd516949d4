import { Type, type Static } from 'typebox';
import { Cursor, Limit, Nullable, OneOf, Page, Timestamp } from './common.ts';
import { Tenant } from './tenant.ts';

export const operationKinds = ['tenant.provision', 'tenant.purge', 'isolation.run'] as const;
export type OperationKind = (typeof operationKinds)[number];

export const operationStates = [
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type OperationState = (typeof operationStates)[number];

export const stepStates = ['pending', 'running', 'succeeded', 'failed', 'skipped'] as const;
export type StepState = (typeof stepStates)[number];

/** Why an operation or a step failed: what a person needs to act on it. */
export const OperationError = Type.Object({
  code: Type.String(),
  message: Type.String(),
  sqlState: Type.Optional(Type.String()),
  file: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  statement: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String()),
});
export type OperationError = Static<typeof OperationError>;

export const Step = Type.Object({
  name: Type.String(),
  title: Type.String(),
  state: OneOf(stepStates),
  startedAt: Nullable(Timestamp),
  finishedAt: Nullable(Timestamp),
  ms: Nullable(Type.Number()),
  detail: Nullable(Type.Record(Type.String(), Type.Unknown())),
  error: Nullable(OperationError),
});
export type Step = Static<typeof Step>;

export const Operation = Type.Object(
  {
    id: Type.String({ description: 'op_ and 16 characters' }),
    kind: OneOf(operationKinds),
    state: OneOf(operationStates),
    tenantId: Nullable(Type.String()),
    tenantSlug: Nullable(Type.String()),
    progress: Type.Object({ done: Type.Integer(), total: Type.Integer() }),
    steps: Type.Array(Step),
    error: Nullable(OperationError),
    attempt: Type.Integer({ description: '1, and one more with every retry' }),
    actor: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
    requestId: Nullable(Type.String()),
    createdAt: Timestamp,
    startedAt: Nullable(Timestamp),
    finishedAt: Nullable(Timestamp),
    ms: Nullable(Type.Number({ description: 'From the request to the end' })),
  },
  { $id: 'Operation' },
);
export type Operation = Static<typeof Operation>;

export const OperationPage = Page(Operation);
export type OperationPage = Static<typeof OperationPage>;

export const OperationRef = Type.Object({ operation: Type.String({ maxLength: 40 }) });

export const ListOperations = Type.Object(
  {
    state: Type.Optional(
      Type.String({
        maxLength: 200,
        description: `One or more of ${operationStates.join(', ')}, with commas`,
      }),
    ),
    kind: Type.Optional(OneOf(operationKinds)),
    tenant: Type.Optional(Type.String({ maxLength: 300, description: 'The id or the slug of a tenant' })),
    cursor: Cursor,
    limit: Limit,
  },
  { additionalProperties: false },
);
export type ListOperations = Static<typeof ListOperations>;

/** The answer to a request that a later step finishes: watch `operation`. */
export const TenantOperation = Type.Object({
  operation: Operation,
  /** Null in the replay of a request whose provisioning failed: nothing is left of that tenant. */
  tenant: Nullable(Tenant),
});
export type TenantOperation = Static<typeof TenantOperation>;
