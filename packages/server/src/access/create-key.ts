import {
  permissions,
  roleAllows,
  rolePermissions,
  type CreateApiKey,
  type CreatedApiKey,
  type Permission,
} from '@tenantry/contract';
import { isTenantId } from '@tenantry/tenancy';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { emit } from '../db/emit.ts';
import { TenantryError } from '../errors.ts';
import { toApiKey } from './rows.ts';
import { newToken } from './token.ts';

/**
 * Creates an API key. Its token is in the answer and nowhere else. `held` is what the creator may do: a key narrowed to
 * managing keys must not make one that can do more. Throws VALIDATION, FORBIDDEN, TENANT_NOT_FOUND, TENANT_STATE_CONFLICT.
 */
export async function createKey(
  ctx: Context,
  input: CreateApiKey,
  held: readonly Permission[] = permissions,
): Promise<CreatedApiKey> {
  check(ctx, input);
  const wanted: readonly Permission[] = input.scopes ?? rolePermissions[input.role];
  const more = wanted.find((permission) => !held.includes(permission));
  if (more) {
    throw new TenantryError(
      'FORBIDDEN',
      `A key cannot give ${more}, which it does not have itself. Name fewer scopes.`,
    );
  }
  const { id, token, hash } = newToken();
  const key = await ctx.control.db.transaction().execute(async (tx) => {
    const row = await tx
      .insertInto('api_keys')
      .values({
        id,
        name: input.name,
        role: input.role,
        scopes: input.scopes ?? null,
        tenant_id: input.tenant === undefined ? null : await tenantOf(tx, input.tenant),
        token_hash: hash,
        created_by: ctx.actor.name,
        expires_at: input.expiresAt === undefined ? null : new Date(input.expiresAt),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const created = toApiKey(row);
    await record(tx, ctx, {
      action: 'key.create',
      target: { kind: 'key', id },
      tenantId: created.tenantId,
      after: created,
    });
    await emit(tx, { type: 'key.created', topics: ['keys'], data: { key: created } });
    return created;
  });
  return { key, token };
}

function check(ctx: Context, input: CreateApiKey): void {
  if ((input.role === 'tenant') !== (input.tenant !== undefined)) {
    throw new TenantryError('VALIDATION', 'The role tenant needs a tenant, and no other role takes one.');
  }
  const foreign = input.scopes?.find((scope) => !roleAllows(input.role, scope));
  if (foreign) throw new TenantryError('VALIDATION', `The role ${input.role} does not include ${foreign}.`);
  if (input.expiresAt !== undefined && new Date(input.expiresAt) <= ctx.clock()) {
    throw new TenantryError('VALIDATION', 'expiresAt lies in the past.');
  }
}

async function tenantOf(tx: Tx, ref: string): Promise<string> {
  const row = await tx
    .selectFrom('tenants')
    .select(['id', 'state'])
    .where(isTenantId(ref) ? 'id' : 'slug', '=', ref)
    .where('state', '<>', 'deleted')
    .executeTakeFirst();
  if (!row) throw new TenantryError('TENANT_NOT_FOUND');
  // One whose provisioning fails leaves nothing, and a key would hold it.
  if (row.state === 'provisioning' || row.state === 'failed') {
    throw new TenantryError(
      'TENANT_STATE_CONFLICT',
      `The tenant is ${row.state}. Create the key when it is active; its operation tells how far it is.`,
    );
  }
  return row.id;
}
