import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Placement } from '../../src/directory/index.ts';

/** What the control plane says about placements, over real HTTP; it can be made slow, broken or absent. */
export class PlacementServer {
  readonly token = 'tk_test';
  /** References in the order in which they were asked for, with `=` before those that were answered with 304. */
  readonly asked: string[] = [];
  readonly #placements = new Map<string, Placement>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  /** Called with each request before it is answered. */
  before: (ref: string) => Promise<void> | void = () => {};
  /** A status that is answered instead. */
  broken: number | undefined;

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  set(ref: string, placement: Placement | undefined): void {
    if (placement === undefined) this.#placements.delete(ref);
    else this.#placements.set(ref, placement);
  }

  /** A tenant by its id and its slug. */
  add(placement: Placement): void {
    this.set(placement.tenant, placement);
    this.set(placement.slug, placement);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ref = decodeURIComponent(request.url!.replace('/v1/placements/', ''));
    const placement = this.#placements.get(ref);
    const etag = `"${createHash('sha256')
      .update(JSON.stringify(placement) ?? '')
      .digest('hex')}"`;
    const isSame = placement !== undefined && request.headers['if-none-match'] === etag;
    this.asked.push(isSame ? `=${ref}` : ref);
    await this.before(ref);
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return answer(response, 401, { code: 'UNAUTHENTICATED' });
    if (this.broken !== undefined) return answer(response, this.broken, { code: 'NOT_FOUND' });
    if (placement === undefined) return answer(response, 404, { code: 'TENANT_NOT_FOUND' });
    response.setHeader('etag', etag);
    if (isSame) return void response.writeHead(304).end();
    answer(response, 200, placement);
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
