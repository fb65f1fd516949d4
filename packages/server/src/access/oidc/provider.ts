import * as oidc from 'openid-client';
import type { OidcSettings } from './settings.ts';
import type { Claims } from './claims.ts';

/** What a sign-in in progress is recognised by when the browser comes back. */
export interface SignInAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

export interface Identity {
  readonly claims: Claims;
  readonly idToken: string;
}

/** Seconds that a request to the provider may take: a browser is waiting. */
const timeoutSeconds = 10;

/** An OpenID provider: authorization code with PKCE, state and nonce. */
export class OidcProvider {
  readonly settings: OidcSettings;
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(settings: OidcSettings) {
    this.settings = settings;
  }

  /** A new attempt and where the browser is to go with it. */
  async begin(redirectUri: string): Promise<{ readonly attempt: SignInAttempt; readonly url: URL }> {
    const config = await this.#configuration();
    const attempt: SignInAttempt = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      codeVerifier: oidc.randomPKCECodeVerifier(),
      redirectUri,
    };
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: this.settings.scopes,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(attempt.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { attempt, url };
  }

  /**
   * Who came back: the code is exchanged, and the ID token's signature, issuer, audience, nonce and times are checked. Claims
   * of the user info are added, since some providers put groups there only. Throws what the library throws.
   */
  async finish(attempt: SignInAttempt, query: string): Promise<Identity> {
    const config = await this.#configuration();
    const url = new URL(attempt.redirectUri);
    url.search = query;
    const tokens = await oidc.authorizationCodeGrant(config, url, {
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.codeVerifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims || tokens.id_token === undefined) throw new Error('The provider gave no ID token');
    const more = config.serverMetadata().userinfo_endpoint
      ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
      : {};
    // The signed ones win.
    return { claims: { ...more, ...claims }, idToken: tokens.id_token };
  }

  /** Where a browser is signed out of the provider, too; undefined where the provider has no such thing or is away. */
  async endSessionUrl(idToken: string | undefined, returnTo: string): Promise<string | undefined> {
    try {
      const config = await this.#configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      const parameters = new URLSearchParams({ post_logout_redirect_uri: returnTo });
      if (idToken !== undefined) parameters.set('id_token_hint', idToken);
      return oidc.buildEndSessionUrl(config, parameters).href;
    } catch {
      // Signing out here must not depend on somebody else's server.
      return undefined;
    }
  }

  /** Read once it is needed: a provider that is away must not keep the control plane from starting. */
  #configuration(): Promise<oidc.Configuration> {
    this.#discovered ??= this.#discover().catch((error: unknown) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }

  #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    return oidc.discovery(url, clientId, clientSecret, clientAuthentication(clientSecret), {
      timeout: timeoutSeconds,
      // The configuration allows http for this machine only.
      ...(url.protocol === 'http:' ? { execute: [oidc.allowInsecureRequests] } : {}),
    });
  }
}

/** In the body where the provider says that it takes it there; otherwise in the header, which all of them must take. */
function clientAuthentication(secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const [post, basic] = [oidc.ClientSecretPost(secret), oidc.ClientSecretBasic(secret)];
  return (server, ...rest) => {
    const inBody = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    return (inBody ? post : basic)(server, ...rest);
  };
}
