import { sql } from 'kysely';
import type { AuditVerification } from '@tenantry/contract';
import type { Context } from '../db/context.ts';

type Problem = NonNullable<AuditVerification['broken']>['problem'];

interface VerifyRow {
  readonly checked: string;
  readonly head: string;
  readonly broken_seq: string | null;
  readonly broken_id: string | null;
  readonly problem: Problem | null;
}

const messages: Readonly<Record<Problem, (seq: number) => string>> = {
  changed: (seq) => `Row ${seq} was changed after it was written: its contents do not give its hash.`,
  link: (seq) => `Row ${seq} does not follow row ${seq - 1}: one of them was replaced.`,
  missing: (seq) => `Row ${seq} is missing.`,
  truncated: (seq) => `The rows from ${seq} on are missing: the chain ends before its recorded head.`,
};

/** Recomputes the whole chain inside PostgreSQL and names the first row that does not fit. */
export async function verifyAudit(ctx: Context): Promise<AuditVerification> {
  const { rows } = await sql<VerifyRow>`SELECT * FROM tenantry_audit.verify()`.execute(ctx.control.db);
  const row = rows[0]!;
  if (row.problem === null || row.broken_seq === null) {
    return { ok: true, checked: Number(row.checked), head: row.head, broken: null };
  }
  const seq = Number(row.broken_seq);
  const broken = { seq, id: row.broken_id, problem: row.problem, message: messages[row.problem](seq) };
  return { ok: false, checked: Number(row.checked), head: row.head, broken };
}
