import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** Somebody whom the provider knows: their claims. */
export type Person = Readonly<Record<string, unknown>> & { readonly sub: string };

/** A real OpenID provider on this machine. */
export interface TestProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Requests that reached it, as `POST /token`. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts one that lets anybody of `people` in by name and asks nothing: `login_hint` is not needed, the next person is chosen by
 * `next`. `redirectUri` is asked for when a client is looked up, since the control plane is started after it.
 */
export async function startProvider(options: {
  readonly people: readonly Person[];
  readonly next: () => string;
  readonly redirectUri: () => string;
}): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clientId = 'tenantry';
  const clientSecret = 'a-secret-of-the-client-0123456789';
  const provider = providerOf(issuer, clientId, clientSecret, options);
  const requests: string[] = [];
  const handle = provider.callback();
  server.on('request', (request, response) => {
    requests.push(`${request.method} ${new URL(request.url ?? '/', issuer).pathname}`);
    void handle(request, response);
  });
  return { issuer, clientId, clientSecret, requests, stop: () => close(server) };
}

function providerOf(
  issuer: string,
  clientId: string,
  clientSecret: string,
  { people, next, redirectUri }: Parameters<typeof startProvider>[0],
): Provider {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri()],
        post_logout_redirect_uris: [new URL('/', redirectUri()).href],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub'], email: ['email'], profile: ['name', 'groups', 'realm_access', 'tenant'] },
    cookies: { keys: ['a key of the test'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_ctx, id) => {
      const person = people.find(({ sub }) => sub === id);
      return person && { accountId: id, claims: () => person };
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  });
  // Instead of a form: whoever is next is let in, and agrees to everything.
  provider.use(async (ctx, nextLayer) => {
    if (!ctx.path.startsWith('/interaction/')) return nextLayer();
    const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
    const who = next();
    if (who === 'nobody') {
      const denial = { error: 'access_denied', error_description: 'a secret of the provider' };
      return provider.interactionFinished(ctx.req, ctx.res, denial);
    }
    if (prompt.name === 'login') {
      return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: who } });
    }
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session?.accountId ?? who, clientId: String(params['client_id']) });
    grant?.addOIDCScope('openid profile email');
    const result = { consent: { grantId: await grant?.save() } };
    return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
  });
  return provider;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
