// #region errors
import { isTenancyError } from '@tenantry/tenancy';

export function isWorthRetrying(error: unknown): boolean {
  // Not `instanceof`: another copy of the package may have thrown it.
  if (!isTenancyError(error)) return false;
  return error.code === 'TENANCY_ACQUIRE_TIMEOUT' || error.code === 'TENANCY_CONTROL_PLANE';
}
// #endregion
