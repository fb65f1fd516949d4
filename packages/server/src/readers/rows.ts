import type { Selectable } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Reader } from '@tenantry/contract';
import type { Database, Tx } from '../db/database.ts';
import type { ReaderRow } from '../db/types.ts';
import { TenantryError } from '../errors.ts';

/** A tenant of a reader; its schema is what the login was given. */
export interface ReaderTenantRecord {
  readonly id: string;
  readonly slug: string | null;
  readonly schema_name: string;
  readonly relations: number;
  /** As JSON writes it. */
  readonly left_at: string | null;
}

export type ReaderRecord = Selectable<ReaderRow> & {
  readonly cell_name: string;
  readonly tenants: readonly ReaderTenantRecord[];
};

/** Readers with their cells and tenants. */
export function selectReaders(db: Database | Tx) {
  return db
    .selectFrom('readers')
    .innerJoin('cells', 'cells.id', 'readers.cell_id')
    .selectAll('readers')
    .select('cells.name as cell_name')
    .select((eb) =>
      jsonArrayFrom(
        eb
          .selectFrom('reader_tenants')
          .innerJoin('tenants', 'tenants.id', 'reader_tenants.tenant_id')
          .select([
            'tenants.id',
            'tenants.slug',
            'tenants.schema_name',
            'reader_tenants.relations',
            'reader_tenants.left_at',
          ])
          .whereRef('reader_tenants.reader_id', '=', 'readers.id')
          .orderBy('tenants.id'),
      )
        .$castTo<ReaderTenantRecord[]>()
        .as('tenants'),
    );
}

/** A reader, locked against other changes until the transaction ends. Throws READER_NOT_FOUND. */
export async function lockReader(tx: Tx, id: string): Promise<ReaderRecord> {
  const row = await selectReaders(tx).where('readers.id', '=', id).forUpdate('readers').executeTakeFirst();
  if (!row) throw new TenantryError('READER_NOT_FOUND');
  return row;
}

export function toReader(row: ReaderRecord): Reader {
  return {
    id: row.id,
    state: row.state,
    login: row.login,
    cell: row.cell_name,
    reason: row.reason,
    tenants: row.tenants.map(({ id, slug, schema_name: schema, relations, left_at: leftAt }) => ({
      id,
      slug,
      schema,
      relations,
      leftAt: leftAt === null ? null : new Date(leftAt).toISOString(),
    })),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    end: row.ended,
  };
}
