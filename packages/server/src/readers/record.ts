import type { Reader, ReaderEnd } from '@tenantry/contract';
import type { AuditEntry } from '../audit/record.ts';
import type { EventInput } from '../db/emit.ts';
import type { ReaderRecord, ReaderTenantRecord } from './rows.ts';

/**
 * What the trail of a tenant says of a reader. One entry for each tenant, and in none of them the name of another: a tenant
 * may be shown its own trail.
 */
export function openEntry(reader: ReaderRecord, tenant: ReaderTenantRecord): AuditEntry {
  return {
    action: 'reader.open',
    target: { kind: 'reader', id: reader.id },
    tenantId: tenant.id,
    after: { ...viewOf(reader, tenant), state: 'open', expiresAt: reader.expires_at.toISOString() },
    reason: reader.reason,
  };
}

const texts: Readonly<Record<ReaderEnd | 'purged', string>> = {
  closed: 'Somebody closed it',
  expired: 'Its time was over',
  failed: 'It was cut off while it was opened',
  purged: 'The tenant is being purged',
};

export function closeEntry(
  reader: ReaderRecord,
  tenant: ReaderTenantRecord,
  end: ReaderEnd | 'purged',
): AuditEntry {
  return {
    action: 'reader.close',
    target: { kind: 'reader', id: reader.id },
    tenantId: tenant.id,
    before: viewOf(reader, tenant),
    after: { ...viewOf(reader, tenant), state: 'closed', end },
    reason: texts[end],
  };
}

/** What watchers are told when a reader is not what it was. */
export function readerEvent(reader: Reader): EventInput {
  return { type: `reader.${reader.state}`, topics: ['readers'], data: { reader } };
}

function viewOf(reader: ReaderRecord, tenant: ReaderTenantRecord) {
  return { login: reader.login, schema: tenant.schema_name, openedBy: reader.created_by };
}
