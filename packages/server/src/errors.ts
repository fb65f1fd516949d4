import { problems, type OperationError, type ProblemCode } from '@tenantry/contract';

/** What a caller may additionally be told about an error; every part of it is safe to show. */
export type ErrorDetail = Omit<OperationError, 'code' | 'message'> & {
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly operationId?: string;
};

/**
 * An error that a caller is meant to see: a stable code and a sentence that says what to do next.
 * What only the operator may see goes into `cause`, which is logged and never sent.
 */
export class TenantryError extends Error {
  readonly code: ProblemCode;
  readonly detail: ErrorDetail;

  constructor(
    code: ProblemCode,
    message: string = problems[code].title,
    detail: ErrorDetail = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TenantryError';
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** The control plane cannot start as it is configured; the message names the option. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
  }
}
