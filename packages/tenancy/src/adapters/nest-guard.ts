import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import {
  HttpException,
  Inject,
  SetMetadata,
  StreamableFile,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type NestMiddleware,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Observable } from 'rxjs';
import { problemOf } from '../resolve/problem.ts';
import { nodeRequest, type NodeRequest } from '../resolve/request.ts';
import type { Resolution } from '../resolve/resolver.ts';
import { enter, own, ownReads, type WebOptions } from './enter.ts';

/** Under which the guard gets its options, wherever Nest makes one. */
export const webOptions = Symbol('tenancy options');

const withoutTenant = 'tenantry:without-tenant';

/** What Express and Fastify both have. */
export type NestRequest = NodeRequest & {
  readonly raw?: NodeRequest & IncomingMessage;
  readonly originalUrl?: string;
  tenant?: Resolution;
};

/** On a controller or a handler that is nobody's, as a health check. Queries in it are refused. */
export const WithoutTenant = () => SetMetadata(withoutTenant, true);

/** Finds out whose a request is and refuses those that are nobody's. Guards that authenticate callers come before it. */
export class TenancyGuard implements CanActivate {
  readonly #options: WebOptions;
  readonly #reflector = new Reflector();

  constructor(options: WebOptions) {
    this.#options = options;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const isOpen = this.#reflector.getAllAndOverride<boolean>(withoutTenant, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (context.getType() !== 'http' || isOpen) return true;
    const { tenancy, resolver } = this.#options;
    const request = context.switchToHttp().getRequest<NestRequest>();
    const of = nodeRequest(request.raw ?? request, request, request.originalUrl);
    request.tenant = await enter(tenancy, undefined, () => resolver.resolve(of)).catch((error: unknown) =>
      refuse(error, context),
    );
    own(tenancy, request.tenant.tenant, ...emittersOf(context));
    return true;
  }
}

Inject(webOptions)(TenancyGuard, undefined, 0);

/** Node's own request and response, on Express and on Fastify. */
function emittersOf(context: ExecutionContext): readonly EventEmitter[] {
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
    own(this.#tenancy, undefined, request, response);
    enter(this.#tenancy, undefined, next);
  }
}

Inject(webOptions)(WithoutTenantMiddleware, undefined, 0);

/** Runs pipes and handler as the tenant that the guard has found. */
export class TenancyInterceptor implements NestInterceptor {
  readonly #options: WebOptions;

  constructor(options: WebOptions) {
    this.#options = options;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const tenant =
      context.getType() === 'http'
        ? context.switchToHttp().getRequest<NestRequest>().tenant?.tenant
        : undefined;
    const { tenancy } = this.#options;
    return new Observable((subscriber) =>
      enter(tenancy, tenant, () => {
        const error = (caught: unknown): void => subscriber.error(asHttp(caught, context));
        return next.handle().subscribe({
          next: (value) => {
            if (value instanceof StreamableFile) ownReads(tenancy, tenant, value.getStream());
            subscriber.next(value);
          },
          error,
          complete: () => subscriber.complete(),
        });
      }),
    );
  }
}

function asHttp(error: unknown, context: ExecutionContext): unknown {
  const problem = problemOf(error);
  if (problem === undefined) return error;
  const response = context.switchToHttp().getResponse<{ header(name: string, value: string): unknown }>();
  for (const [name, value] of Object.entries(problem.headers)) response.header(name, value);
  return new HttpException(problem.body, problem.status, { cause: error });
}

function refuse(error: unknown, context: ExecutionContext): never {
  throw asHttp(error, context);
}
