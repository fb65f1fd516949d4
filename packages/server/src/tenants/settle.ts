import type { CellLane } from '@tenantry/contract';
import { deriveCredential, tenantId } from '@tenantry/tenancy';
import { record } from '../audit/record.ts';
import type { Cell } from '../db/cells/registry.ts';
import type { Context } from '../db/context.ts';
import { isIdle, refuseWhileBusy } from '../operations/busy.ts';
import { lockTenant } from './find.ts';
import { changePassword, closeLogin, openLogin, readLogins, type LoginFacts } from './login.ts';
import { makeLessor } from './schema/lessor.ts';
import { giveUpSpares } from './spares.ts';

/** What a tenant's row says its login should be. */
interface Wanted {
  readonly state: string;
  readonly credential_version: number;
  /** What its cell allows. */
  readonly lanes: readonly CellLane[];
}

const mends = ['open', 'close', 'secret', 'lessor'] as const;
type Mend = (typeof mends)[number];

/**
 * Makes PostgreSQL agree with a tenant's row, which is the truth: open when active, shut when suspended, archived or
 * deleting, with the secret of the version that it names, and with the functions that lease it where its cell allows leases. Gives what it did. That is audited when it mends a change that
 * was `cut-off` between the cell and the commit of the row; a tenant that is `resumed` has its event already.
 */
export async function settleLogin(
  ctx: Context,
  id: string,
  why: 'cut-off' | 'resumed',
): Promise<readonly Mend[]> {
  return ctx.control.db.transaction().execute(async (tx) => {
    const row = await lockTenant(tx, ctx, id);
    await refuseWhileBusy(tx, id);
    const cell = await ctx.cells.get(row.cell_id);
    const facts = (await readLogins(cell, row.schema_name)).get(row.schema_name);
    const { lanes } = await tx
      .selectFrom('cells')
      .select('lanes')
      .where('id', '=', row.cell_id)
      .executeTakeFirstOrThrow();
    const todo = facts ? mendsOf({ ...row, lanes }, facts) : [];
    for (const mend of todo) {
      if (mend === 'open') await openLogin(cell, row.schema_name);
      if (mend === 'close') await closeLogin(cell, row.schema_name);
      if (mend === 'secret') await setSecret(ctx, cell, row.schema_name, row.credential_version);
      if (mend === 'lessor') await makeLessor(cell, row.schema_name);
    }
    if (todo.length > 0 && why === 'cut-off') {
      const target = { kind: 'tenant', id };
      await record(tx, ctx, {
        action: 'tenant.settle-login',
        target,
        tenantId: id,
        after: { state: row.state, mended: todo },
        reason: todo.every((mend) => mend === 'lessor')
          ? 'The functions that lease the tenant were missing or had been changed'
          : 'A change of the login had been cut off',
      });
    }
    return todo;
  });
}

/**
 * The same after an error that may have come between the two, or after both. Never throws: what fails here is tried
 * again by {@link settleLogins}. Gives whether it went well.
 */
export async function settleCutOff(ctx: Context, id: string): Promise<boolean> {
  try {
    await settleLogin(ctx, id, 'cut-off');
    return true;
  } catch (err) {
    ctx.log.warn({ err, tenant: id }, 'A login could not be settled; tried again in a minute');
    return false;
  }
}

/**
 * Looks at every login of every cell and settles those that differ from their rows. Gives how many. One that cannot be
 * settled keeps nobody else from it. Spares are not settled: they are built anew.
 */
export async function settleLogins(ctx: Context): Promise<number> {
  let settled = 0;
  const cells = await ctx.control.db.selectFrom('cells').select(['id', 'name']).execute();
  for (const { id, name } of cells) {
    try {
      for (const tenant of await unsettled(ctx, id)) if (await settleCutOff(ctx, tenant)) settled += 1;
    } catch (err) {
      ctx.log.warn(
        { err, cell: name },
        'The logins of a cell could not be looked at; tried again in a minute',
      );
    }
  }
  return settled;
}

async function unsettled(ctx: Context, cellId: string): Promise<string[]> {
  const logins = await readLogins(await ctx.cells.get(cellId));
  const rows = await ctx.control.db
    .selectFrom('tenants')
    .innerJoin('cells', 'cells.id', 'tenants.cell_id')
    .select(['tenants.id', 'schema_name', 'state', 'credential_version', 'cells.lanes'])
    .where('cell_id', '=', cellId)
    .where('state', 'in', ['active', 'suspended', 'archived', 'deleting'])
    .where(isIdle)
    .execute();
  const unlike = [...logins].filter(([, facts]) => !facts.lessor).map(([schema]) => schema);
  await giveUpSpares(ctx, cellId, unlike);
  return rows.flatMap((row) => {
    const facts = logins.get(row.schema_name);
    return facts && mendsOf(row, facts).length > 0 ? [row.id] : [];
  });
}

function mendsOf({ state, credential_version: version, lanes }: Wanted, facts: LoginFacts): Mend[] {
  const secret = facts.secret !== null && facts.secret !== version;
  // Opened only where both doors are shut, as we shut them: somebody who has set NOLOGIN by hand had a reason.
  const open = state === 'active' && !facts.login && !facts.usage;
  const close = state !== 'active' && (facts.login || facts.usage || facts.leased);
  const lessor = lanes.includes('leased') && !facts.lessor;
  const wanted: Readonly<Record<Mend, boolean>> = { open, close, secret, lessor };
  return mends.filter((mend) => wanted[mend]);
}

/** Gives a login the derived secret of a version. */
export function setSecret(ctx: Context, cell: Cell, schema: string, version: number): Promise<void> {
  const secret = deriveCredential(ctx.cells.credentialKey, tenantId(schema), version);
  return changePassword(cell, schema, secret, version);
}
