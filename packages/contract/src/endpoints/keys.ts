import { endpoint } from './endpoint.ts';
import * as apiKey from '../schemas/api-key.ts';

export const keysEndpoints = {
  createKey: endpoint({
    method: 'POST',
    path: '/v1/keys',
    summary: 'Create an API key; the token is shown once',
    tag: 'keys',
    permission: 'keys:write',
    body: apiKey.CreateApiKey,
    status: 201,
    response: apiKey.CreatedApiKey,
  }),
  listKeys: endpoint({
    method: 'GET',
    path: '/v1/keys',
    summary: 'List API keys',
    tag: 'keys',
    permission: 'keys:read',
    status: 200,
    response: apiKey.ApiKeyList,
  }),
  revokeKey: endpoint({
    method: 'DELETE',
    path: '/v1/keys/{key}',
    summary: 'Revoke an API key; it stops working at once',
    tag: 'keys',
    permission: 'keys:write',
    params: apiKey.ApiKeyRef,
    status: 200,
    response: apiKey.ApiKey,
  }),
  getMe: endpoint({
    method: 'GET',
    path: '/v1/me',
    summary: 'Who the key is and what it may do',
    tag: 'keys',
    permission: null,
    status: 200,
    response: apiKey.Me,
  }),
} as const;
