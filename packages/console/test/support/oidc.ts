import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** Somebody whom the provider knows, by their claims. */
export interface Person {
  readonly sub: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** A real OpenID provider on this machine, which asks for no password. */
export interface TestProvider {
  /** What the control plane is told of it. */
  readonly env: Readonly<Record<string, string>>;
  /** Who is let in next. */
  letIn(person: Person): void;
  stop(): Promise<void>;
}

const clientId = 'tenantry-console';
const clientSecret = 'a-secret-of-the-client-0123456789';

/** Starts the provider for a control plane that browsers reach at `consoleUrl`. */
export async function startProvider(consoleUrl: string): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let next: Person | undefined;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${consoleUrl}/auth/oidc/callback`],
        post_logout_redirect_uris: [`${consoleUrl}/`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    cookies: { keys: ['a key of the test'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_ctx, id) =>
      next?.sub === id ? { accountId: id, claims: () => ({ ...next! }) } : undefined,
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  });
  // Instead of a form: whoever is next is let in, and agrees to everything.
  provider.use(async (ctx, rest) => {
    if (!ctx.path.startsWith('/interaction/')) return rest();
    const { prompt, params, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
    const accountId = next?.sub ?? '';
    if (prompt.name === 'login') {
      return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId } });
    }
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId, clientId: String(params['client_id']) });
    grant?.addOIDCScope('openid profile email');
    const consent = { grantId: (await grant?.save()) ?? '' };
    return provider.interactionFinished(ctx.req, ctx.res, { consent }, { mergeWithLastSubmission: true });
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return {
    env: {
      TENANTRY_OIDC_ISSUER: issuer,
      TENANTRY_OIDC_CLIENT_ID: clientId,
      TENANTRY_OIDC_CLIENT_SECRET: clientSecret,
      TENANTRY_OIDC_SCOPES: 'openid profile',
      TENANTRY_OIDC_ROLE_MAP: 'platform=admin,security=auditor',
      TENANTRY_OIDC_NAME: 'Example Login',
      TENANTRY_PUBLIC_URL: consoleUrl,
    },
    letIn: (person) => void (next = person),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
