import type { FastifyInstance } from 'fastify';
import { TenantryError } from '../errors.ts';

/** As Fastify reads a text itself: what it takes for a byte order mark is the JSON parser's to judge. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bodies are JSON in UTF-8. Fastify's own parser reads whatever comes as UTF-8, and puts a replacement character where that
 * cannot be done: names would be stored that nobody has sent.
 */
export function registerJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    expectUtf8(request.headers['content-type'] ?? '');
    return parse(request, decode(body), done);
  });
}

function expectUtf8(contentType: string): void {
  for (const [, charset] of contentType.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi)) {
    if (/^utf-?8$/i.test(charset!)) continue;
    throw new TenantryError(
      'UNSUPPORTED_MEDIA_TYPE',
      'The body is in another charset than UTF-8. Send it as UTF-8, as "application/json" without a charset is.',
    );
  }
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new TenantryError('VALIDATION', 'The body is not UTF-8. Encode it as UTF-8.');
  }
}
