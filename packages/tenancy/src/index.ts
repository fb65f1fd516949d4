export { deriveCredential } from './credential.ts';
export { scramVerifier, type ScramOptions } from './scram.ts';
export { sealedConnection, startupOptions, type CellAddress, type SealedConnection } from './sealed.ts';
export { isTenantId, newTenantId, ownerOf, randomBase32, tenantId, type TenantId } from './tenant-id.ts';
