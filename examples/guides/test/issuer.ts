// #region issuer
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An issuer of tokens, as a login service is: it publishes its key, and signs. */
export interface Issuer {
  readonly url: string;
  /** `Authorization` of a caller who works for a tenant. */
  token(tenant: string): Promise<{ authorization: string }>;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: '1', alg: 'ES256' }] });
  const server = createServer((_request, response) => response.end(keys)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async token(tenant) {
      const token = await new SignJWT({ tenant })
        .setProtectedHeader({ alg: 'ES256', kid: '1' })
        .setIssuer(url)
        .setAudience('accounts')
        .setExpirationTime('5 minutes')
        .sign(privateKey);
      return { authorization: `Bearer ${token}` };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
// #endregion
