import { isSessionAlive } from '../access/sessions/authenticate.ts';
import { endSession } from '../access/sessions/end.ts';
import { listSessions } from '../access/sessions/list.ts';
import { getOverview } from '../overview/get.ts';
import { getSettings } from '../overview/settings.ts';
import { getPlayground } from '../playground/get.ts';
import { preparePlayground } from '../playground/prepare.ts';
import { runPlaygroundQuery } from '../playground/run.ts';
import { getTenantAccess } from '../tenants/access.ts';
import { checkSlug } from '../tenants/check-slug.ts';
import { getTenantFacets } from '../tenants/facets.ts';
import { planTenant } from '../tenants/plan.ts';
import { listTenantMigrations } from '../tenants/revisions.ts';
import { listTenantTables } from '../tenants/tables.ts';
import { listTenantTimeline } from '../tenants/timeline.ts';
import { streamEvents } from './event-stream.ts';
import type { Handlers } from './handlers.ts';
import { inviteBrowser, meOf, signOut } from './sign-in.ts';

/** What the console asks for besides what programs do. */
export const consoleHandlers: Pick<
  Handlers,
  | 'checkSlug'
  | 'createSignInCode'
  | 'getMe'
  | 'getOverview'
  | 'getPlayground'
  | 'getSettings'
  | 'getTenantAccess'
  | 'getTenantFacets'
  | 'listSessions'
  | 'listTenantMigrations'
  | 'listTenantTables'
  | 'listTenantTimeline'
  | 'listenEvents'
  | 'planTenant'
  | 'preparePlayground'
  | 'revokeSession'
  | 'runPlaygroundQuery'
  | 'signOut'
> = {
  getMe: ({ caller }) => Promise.resolve(meOf(caller)),
  signOut: ({ ctx, caller, services, request, reply }) =>
    signOut(ctx, caller, services.signIn, request, reply),
  createSignInCode: ({ ctx, caller, services, request }) =>
    inviteBrowser(ctx, caller, services.signIn.reaching.of(request)),
  listSessions: ({ ctx, caller }) => listSessions(ctx, caller.session?.id),
  revokeSession: async ({ ctx, params }) => (await endSession(ctx, params.session, 'revoked')).session,
  listenEvents: ({ ctx, services, caller, query, request, reply }) =>
    streamEvents(services.hub, services.streams, caller, query, request, reply, () =>
      isSessionAlive(ctx.control.db, caller.session?.id ?? '', ctx.clock()),
    ) as Promise<undefined>,
  getOverview: ({ ctx, caller }) => getOverview(ctx, caller.permissions),
  getSettings: ({ services, request }) => {
    const { origin, prefix } = services.signIn.reaching.of(request);
    return Promise.resolve(getSettings(services.config, services.version, `${origin}${prefix}`));
  },
  checkSlug: ({ ctx, params }) => checkSlug(ctx, params.slug),
  planTenant: ({ ctx, body }) => planTenant(ctx, body),
  getTenantFacets: ({ ctx, query }) => getTenantFacets(ctx, query),
  listTenantMigrations: ({ ctx, params }) => listTenantMigrations(ctx, params.tenant),
  listTenantTables: ({ ctx, params }) => listTenantTables(ctx, params.tenant),
  getTenantAccess: ({ ctx, params }) => getTenantAccess(ctx, params.tenant),
  listTenantTimeline: ({ ctx, caller, params, query }) =>
    listTenantTimeline(ctx, params.tenant, query, caller.permissions.includes('audit:read')),
  getPlayground: ({ ctx }) => getPlayground(ctx),
  preparePlayground: ({ ctx }) => preparePlayground(ctx),
  runPlaygroundQuery: ({ ctx, body }) => runPlaygroundQuery(ctx, body),
};
