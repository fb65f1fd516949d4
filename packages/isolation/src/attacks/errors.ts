export { isTenancyError } from '@tenantry/tenancy';

/** The SQLSTATE of an error, or the driver's code; undefined where it has neither. */
export function sqlStateFrom(error: unknown): string | undefined {
  const code =
    typeof error === 'object' && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' && code !== '' ? code : undefined;
}
