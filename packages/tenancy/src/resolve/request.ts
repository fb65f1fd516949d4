import type { IncomingMessage } from 'node:http';

/** What sources read of a request. Adapters make it; `native` is the framework's own. */
export interface TenantRequest {
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** Every value that a header was sent with; the name in lower case. */
  values(name: string): readonly string[];
  readonly native: unknown;
}

/** What all requests of Node's servers have, HTTP/2 included. */
export type NodeRequest = Pick<IncomingMessage, 'rawHeaders' | 'url'>;

/**
 * A request of a Node server. Headers are taken as they were sent: Node keeps the first of two Host headers, and a proxy
 * before it may have believed the second.
 */
export function nodeRequest(
  request: NodeRequest,
  native: unknown = request,
  url = request.url,
): TenantRequest {
  const { rawHeaders } = request;
  return {
    path: pathOf(url ?? '/'),
    native,
    values(name) {
      const values: string[] = [];
      for (let i = 0; i < rawHeaders.length; i += 2)
        if (rawHeaders[i]!.toLowerCase() === name) values.push(rawHeaders[i + 1]!);
      return values;
    },
  };
}

/** A request of the Fetch standard, in which headers that were sent twice are one with a comma. */
export function fetchRequest(request: Request, native: unknown = request): TenantRequest {
  const url = new URL(request.url);
  return {
    path: url.pathname,
    native,
    values(name) {
      // Pseudo headers of HTTP/2 are in the address, and to ask for one throws.
      if (name.startsWith(':')) return [];
      const value = request.headers.get(name) ?? (name === 'host' ? url.host : null);
      return value === null ? [] : [value];
    },
  };
}

function pathOf(url: string): string {
  // A proxy is sent the whole address.
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.replace(/[?#].*$/s, '') || '/';
}
