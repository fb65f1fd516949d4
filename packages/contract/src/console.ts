/** What the control plane and the console agree upon besides the API. */

/**
 * The header in which a browser session sends its `csrfToken` (see `Me`) with everything but GET. Requests with an API key
 * need none.
 */
export const csrfHeader = 'x-tenantry-csrf';

/** Where the browser goes to sign in with the OpenID provider, under the base path; `?returnTo=/path` comes back there. */
export const oidcSignInPath = 'auth/oidc';

/** A one-time sign-in link is the console's address with `#code=<code>`: a fragment is sent to no server and no log. */
export const signInFragment = 'code';

/** A tenant with this label (`sandbox=true`) may be queried in the playground. */
export const sandboxLabel = { key: 'sandbox', value: 'true' } as const;
