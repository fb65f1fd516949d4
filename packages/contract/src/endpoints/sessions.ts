import { endpoint } from './endpoint.ts';
import * as apiKey from '../schemas/api-key.ts';
import * as session from '../schemas/session.ts';

export const sessionsEndpoints = {
  getSignInWays: endpoint({
    method: 'GET',
    path: '/v1/sign-in',
    summary: 'Say how one can sign in',
    tag: 'sessions',
    permission: null,
    public: true,
    status: 200,
    response: session.SignInWays,
  }),
  signIn: endpoint({
    method: 'POST',
    path: '/v1/session',
    summary: 'Sign a browser in with an API key or a one-time code; sets the session cookie',
    tag: 'sessions',
    permission: null,
    public: true,
    body: session.SignIn,
    status: 201,
    response: apiKey.Me,
  }),
  signOut: endpoint({
    method: 'DELETE',
    path: '/v1/session',
    summary: 'End the session of this browser',
    tag: 'sessions',
    permission: null,
    status: 200,
    response: session.SignedOut,
  }),
  createSignInCode: endpoint({
    method: 'POST',
    path: '/v1/session/code',
    summary: 'Make a one-time link that signs a browser in as this API key',
    tag: 'sessions',
    permission: null,
    status: 201,
    response: session.SignInCode,
  }),
  listSessions: endpoint({
    method: 'GET',
    path: '/v1/sessions',
    summary: 'List the browser sessions that can still be used, newest first',
    tag: 'sessions',
    permission: 'sessions:read',
    status: 200,
    response: session.SessionList,
  }),
  revokeSession: endpoint({
    method: 'DELETE',
    path: '/v1/sessions/{session}',
    summary: 'Revoke a browser session; its next request is refused',
    tag: 'sessions',
    permission: 'sessions:write',
    params: session.SessionRef,
    status: 200,
    response: session.Session,
  }),
} as const;
