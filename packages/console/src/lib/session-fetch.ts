import { csrfHeader } from '@tenantry/contract';

let csrfToken: string | undefined;
const lost = new Set<() => void>();

/** From the answer that says who is signed in: sent with every change, so that no other site can make one. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** Tells when the server no longer knows the session: it has ended, or was revoked. */
export function onSessionLost(listener: () => void): () => void {
  lost.add(listener);
  return () => lost.delete(listener);
}

/** `fetch` with the session's cookie and, for everything but a read, the token against forged requests. */
export const sessionFetch: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  if (csrfToken !== undefined && init?.method !== undefined && init.method !== 'GET') {
    headers.set(csrfHeader, csrfToken);
  }
  const response = await fetch(input, { ...init, headers, credentials: 'same-origin' });
  if (response.status === 401) for (const listener of lost) listener();
  return response;
};
