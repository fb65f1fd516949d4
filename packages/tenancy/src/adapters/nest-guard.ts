import {
  HttpException,
  Inject,
  SetMetadata,
  StreamableFile,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Observable } from 'rxjs';
import { problemOf } from '../resolve/problem.ts';
import { nodeRequest } from '../resolve/request.ts';
import { enter, own, ownReads, type WebOptions } from './enter.ts';
import { emittersOf, webOptions, type NestRequest } from './nest-request.ts';

const withoutTenant = 'tenantry:without-tenant';

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
