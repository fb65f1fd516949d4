import { csrfHeader, type Me, type Problem } from '@tenantry/contract';
import type { TestServer } from './server.ts';

/** What a browser does of its own: keeps cookies, says where a request comes from, follows no redirect. */
export interface Browser {
  /** Cookies by name. */
  readonly cookies: ReadonlyMap<string, string>;
  /** As they were set: with their attributes. */
  readonly setCookies: readonly string[];
  send<T = Problem>(path: string, request?: BrowserRequest): Promise<BrowserAnswer<T>>;
  /** Signs in and keeps the token that its page would send. */
  signIn(body: Readonly<Record<string, string>>): Promise<BrowserAnswer<Me & Problem>>;
  /** Of the session, once it is signed in. */
  csrfToken: string | undefined;
}

export interface BrowserRequest {
  readonly method?: string;
  readonly body?: unknown;
  /** Where the page is from; its own address if absent, unsaid if null. */
  readonly origin?: string | null;
  /** The token of the session if absent, none if null. */
  readonly csrf?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BrowserAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** `base` is where the browser reaches the control plane; its own address if absent. */
export function openBrowser(server: Pick<TestServer, 'url'>, base: string = server.url): Browser {
  const cookies = new Map<string, string>();
  const setCookies: string[] = [];
  const browser: Browser = {
    cookies,
    setCookies,
    csrfToken: undefined,
    async send(path: string, { method = 'GET', body, origin, csrf, headers = {} }: BrowserRequest = {}) {
      const from = origin === undefined ? new URL(base).origin : origin;
      const token = csrf === undefined ? browser.csrfToken : (csrf ?? undefined);
      const response = await fetch(path.startsWith('http') ? path : base + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookies.size > 0
            ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
            : {}),
          ...(method === 'GET' || from === null ? {} : { origin: from }),
          ...(method === 'GET' || token === undefined ? {} : { [csrfHeader]: token }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      for (const cookie of response.headers.getSetCookie()) {
        setCookies.push(cookie);
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) cookies.delete(name);
        else cookies.set(name, value);
      }
      const text = await response.text();
      const json = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        body: json ? JSON.parse(text) : text,
      };
    },
    async signIn(body) {
      const answer = await browser.send<Me & Problem>('/v1/session', { method: 'POST', body });
      if (answer.status === 201) browser.csrfToken = answer.body.session?.csrfToken;
      return answer;
    },
  };
  return browser;
}
