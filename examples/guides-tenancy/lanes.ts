import { createTenancy, type Directory, type Tenancy } from '@tenantry/tenancy';

export function openTenancy(directory: Directory, credentialKey: Uint8Array): Tenancy {
  // #region lane
  const tenancy = createTenancy({ directory, credentialKey, lane: 'sealed' });
  // #endregion
  return tenancy;
}
