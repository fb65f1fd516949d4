import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyStatic from '@fastify/static';
import { TenantryError } from '../../errors.ts';
import { htmlPage, newNonce } from '../html.ts';
import type { Reaching } from '../reach.ts';
import { ConsolePage } from './page.ts';
import { consolePolicy } from './policy.ts';
import { registerReports } from './reports.ts';

export interface ConsoleOptions {
  /** Where the build is; it may be made, or made anew, while this runs. */
  readonly directory: string;
  readonly reaching: Reaching;
}

/** A name with a hash of its contents in it never changes; the few files beside the page do. */
const hashed = { maxAge: '365d', immutable: true } as const;
const plain = { cacheControl: false } as const;

/** Names beside the page, as favicon.svg; those of screens have no such ending at the top. */
const besidePage = /^[\w-]+\.(?:svg|js|png|ico|txt|webmanifest)$/;

/** Serves the console's build at `/`: its files, and its page for every other address that a person opens. */
export async function registerConsole(app: FastifyInstance, options: ConsoleOptions): Promise<void> {
  const { directory, reaching } = options;
  const page = new ConsolePage(directory);
  registerReports(app);
  await app.register(async (files) => {
    await files.register(fastifyStatic, {
      root: directory,
      serve: false,
      preCompressed: true,
      index: false,
      // It may not be built yet.
      suppressWarning: true,
    });
    // Cheap, and a page asks for many: they use up nobody's allowance.
    files.get('/*', { schema: { hide: true }, config: { rateLimit: false } }, async (request, reply) => {
      const path = (request.params as { readonly '*': string })['*'];
      if (path.startsWith('assets/')) return reply.sendFile(path, hashed);
      if (besidePage.test(path)) {
        reply.header('cache-control', 'no-cache');
        return reply.sendFile(path, plain);
      }
      if (!isForPeople(request, path)) throw new TenantryError('NOT_FOUND');
      return sendPage(page, reaching, request, reply);
    });
  });
}

/** Programs that ask for something that is not there are told so, in their form. */
function isForPeople({ headers }: FastifyRequest, path: string): boolean {
  if (path === '') return true;
  const isOurs = path === 'v1' || path.startsWith('v1/') || path.startsWith('auth/');
  return !isOurs && (headers.accept ?? '').includes('text/html');
}

async function sendPage(
  page: ConsolePage,
  reaching: Reaching,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { prefix } = reaching.of(request);
  const nonce = newNonce();
  const text = await page.render(prefix, nonce);
  if (text === undefined) return sendMissing(reply);
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', consolePolicy(nonce, prefix))
    .header('cache-control', 'no-cache')
    .send(text);
}

function sendMissing(reply: FastifyReply): FastifyReply {
  return htmlPage(
    reply,
    503,
    'The console is not built',
    `<p>The control plane runs, and its API and the <code>tenantry</code> command work. Only the console is missing.</p>
    <p>In a clone of the repository <code>npm start</code> builds it. Elsewhere, name the directory of a build with
    <code>TENANTRY_CONSOLE</code>.</p>`,
  );
}
