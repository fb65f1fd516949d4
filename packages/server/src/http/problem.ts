import type { FastifyError } from 'fastify';
import { MigrateError } from '@tenantry/migrate';
import { isProblemCode, problems, type Problem, type ProblemCode } from '@tenantry/contract';
import { explain } from '../db/pg-errors.ts';
import { TenantryError, type ErrorDetail } from '../errors.ts';

/** Fastify's own refusals, in the words of the API. */
const fastifyCodes: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'VALIDATION',
  FST_ERR_CTP_INVALID_JSON_BODY: 'VALIDATION',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'VALIDATION',
  FST_ERR_BAD_URL: 'VALIDATION',
  FST_ERR_MAX_PARAM_LENGTH: 'VALIDATION',
};

const validationTexts: Readonly<Record<string, string>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty, and its content type says that it is JSON.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_BAD_URL: 'The address has a broken percent-encoding.',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the address is too long.',
};

/** What a caller is told about an error; anything unexpected is INTERNAL, with nothing of what it was. */
export function toTenantryError(error: unknown): TenantryError {
  const told = explain(error, 'The database');
  if (told instanceof TenantryError) return told;
  if (told instanceof MigrateError && isProblemCode(told.code)) {
    const { file, line, sqlState, hint } = told;
    const detail: ErrorDetail = {
      ...(file ? { file } : {}),
      ...(line ? { line } : {}),
      ...(sqlState ? { sqlState } : {}),
      ...(hint ? { hint } : {}),
    };
    return new TenantryError(told.code, told.message, detail, told);
  }
  return fromFastify(told) ?? new TenantryError('INTERNAL', problems.INTERNAL.title, {}, told);
}

function fromFastify(error: unknown): TenantryError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as FastifyError;
  const known = fastifyCodes[code];
  if (known === 'VALIDATION') return new TenantryError('VALIDATION', validationTexts[code]);
  if (known) return new TenantryError(known);
  if (error instanceof SyntaxError && statusCode === 400) {
    return new TenantryError('VALIDATION', 'The body is not valid JSON.');
  }
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? new TenantryError('VALIDATION')
    : undefined;
}

/** The RFC 9457 body of an error. */
export function toProblem(error: TenantryError, requestId: string): Problem {
  const { errors, file, line, sqlState, hint } = error.detail;
  return {
    type: `urn:tenantry:problem:${error.code}`,
    title: problems[error.code].title,
    status: error.status,
    code: error.code,
    ...(error.message === problems[error.code].title ? {} : { detail: error.message }),
    requestId,
    ...(errors ? { errors: [...errors] } : {}),
    ...(file ? { file } : {}),
    ...(line ? { line } : {}),
    ...(sqlState ? { sqlState } : {}),
    ...(hint ? { hint } : {}),
  };
}
