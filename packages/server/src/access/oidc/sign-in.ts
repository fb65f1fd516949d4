import { isTenantId } from '@tenantry/tenancy';
import { record } from '../../audit/record.ts';
import type { Context } from '../../db/context.ts';
import { seal, unseal } from '../../db/secrets.ts';
import type { ActorRecord } from '../../db/types.ts';
import { openSession, type OpenedSession, type SessionLimits } from '../sessions/open.ts';
import { mapRole, nameOf, type Claims, type MappedRole } from './claims.ts';
import type { Identity } from './provider.ts';
import type { OidcSettings } from './settings.ts';

/** Somebody whom the provider knows and whom nothing here lets in. */
export class NotAdmittedError extends Error {
  /** As the provider names them: for the page that they see. */
  readonly who: string;

  constructor(who: string) {
    super('The claims of this person give no role.');
    this.name = 'NotAdmittedError';
    this.who = who;
  }
}

/** States of tenants whose people may look at them. */
const visitable = ['active', 'suspended', 'archived', 'deleting'] as const;

/**
 * Opens a browser session for somebody whom the provider has named. Throws NotAdmittedError, which is audited as a
 * session.create that was denied.
 */
export async function signInAs(
  ctx: Context,
  { claims, idToken }: Identity,
  settings: OidcSettings,
  limits: SessionLimits,
  userAgent: string | null,
): Promise<OpenedSession> {
  const actor = actorOf(claims);
  const as = { ...ctx, actor };
  const mapped = mapRole(claims, settings);
  const tenantId = mapped?.tenant === undefined ? undefined : await findTenant(ctx, mapped.tenant);
  if (!mapped || (mapped.role === 'tenant' && tenantId === undefined)) {
    await refuse(as, mapped);
    throw new NotAdmittedError(actor.name);
  }
  return openSession(
    { ...as, onlyTenant: tenantId ?? null },
    {
      method: 'oidc',
      userId: actor.id,
      userName: actor.name,
      role: mapped.role,
      tenantId: tenantId ?? null,
      idToken: seal(ctx.cells.credentialKey, idTokenContext, idToken),
    },
    limits,
    userAgent,
  );
}

const idTokenContext = 'oidc id token';

/** What was kept of a sign-in for signing out at the provider, too. */
export function openIdToken(ctx: Context, sealed: Buffer): string {
  return unseal(ctx.cells.credentialKey, idTokenContext, sealed);
}

/** The subject is unique with the provider; the prefix keeps it apart from the ids of API keys. */
function actorOf(claims: Claims): ActorRecord {
  return { kind: 'user', id: `user:${String(claims['sub'])}`, name: nameOf(claims) };
}

async function findTenant(ctx: Context, ref: string): Promise<string | undefined> {
  if (ref.includes('\0')) return undefined;
  const row = await ctx.control.db
    .selectFrom('tenants')
    .select('id')
    .where(isTenantId(ref) ? 'id' : 'slug', '=', ref)
    .where('state', 'in', visitable)
    .executeTakeFirst();
  return row?.id;
}

async function refuse(ctx: Context, mapped: MappedRole | undefined): Promise<void> {
  await ctx.control.db.transaction().execute((tx) =>
    record(tx, ctx, {
      action: 'session.create',
      target: { kind: 'user', id: ctx.actor.id },
      outcome: 'denied',
      after: { method: 'oidc', why: mapped ? 'no such tenant' : 'no role for these claims' },
    }),
  );
}
