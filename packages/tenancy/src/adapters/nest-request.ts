import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Inject, type ExecutionContext, type NestMiddleware } from '@nestjs/common';
import type { NodeRequest } from '../resolve/request.ts';
import type { Resolution } from '../resolve/resolver.ts';
import { enter, type WebOptions } from './enter.ts';

/** Under which guard and middleware get their options, wherever Nest makes them. */
export const webOptions = Symbol('tenancy options');

/** What Express and Fastify both have. */
export type NestRequest = NodeRequest & {
  readonly raw?: NodeRequest & IncomingMessage;
  readonly originalUrl?: string;
  tenant?: Resolution;
};

/** Node's own request and response, on Express and on Fastify. */
export function emittersOf(context: ExecutionContext): readonly EventEmitter[] {
  const http = context.switchToHttp();
  const request = http.getRequest<EventEmitter & { readonly raw?: EventEmitter }>();
  const response = http.getResponse<EventEmitter & { readonly raw?: EventEmitter }>();
  return [request.raw ?? request, response.raw ?? response];
}

/** The first of all middleware: what is not a handler's is nobody's work, in whatever context the server was started. */
export class WithoutTenantMiddleware implements NestMiddleware<EventEmitter, EventEmitter> {
  readonly #tenancy: WebOptions['tenancy'];

  constructor({ tenancy }: WebOptions) {
    this.#tenancy = tenancy;
  }

  use(request: EventEmitter, response: EventEmitter, next: () => void): void {
    enter(this.#tenancy, undefined, next, request, response);
  }
}

Inject(webOptions)(WithoutTenantMiddleware, undefined, 0);
