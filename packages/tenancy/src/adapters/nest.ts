import {
  createParamDecorator,
  Inject,
  type DynamicModule,
  type ExecutionContext,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { TenancyError } from '../errors.ts';
import type { WebOptions } from './enter.ts';
import { TenancyGuard, TenancyInterceptor } from './nest-guard.ts';
import { webOptions, WithoutTenantMiddleware, type NestRequest } from './nest-request.ts';

export { TenancyGuard, TenancyInterceptor, WithoutTenant } from './nest-guard.ts';

const tenantDb = Symbol('tenant database');

/** Injects the `db` of {@link TenancyModule.forRoot}: every call on it runs as the tenant of the request. */
export const InjectTenantDb = (): ParameterDecorator & PropertyDecorator => Inject(tenantDb);

/** A parameter: whose request it is, as `Resolution`. Throws TENANT_CONTEXT_MISSING in a handler without a tenant. */
export const CurrentTenant = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { tenant } = context.switchToHttp().getRequest<NestRequest>();
  if (tenant !== undefined) return tenant;
  throw new TenancyError(
    'TENANT_CONTEXT_MISSING',
    'The handler has no tenant: it, or its controller, is @WithoutTenant().',
  );
});

export interface TenancyModuleOptions extends WebOptions {
  /** What `@InjectTenantDb()` gives, as `tenantDrizzle(tenancy)`: one object for all tenants. */
  readonly db: unknown;
  /** False where a guard that authenticates callers has to come first: then `@UseGuards(AuthGuard, TenancyGuard)`. Default true. */
  readonly guardEverything?: boolean;
}

/**
 * Runs every handler as the tenant of its request; a request without one is refused by a guard.
 *
 * ```ts
 * @Module({ imports: [TenancyModule.forRoot({ tenancy, resolver, db })], controllers: [NotesController] })
 * class AppModule {}
 *
 * @Controller('notes')
 * class NotesController {
 *   constructor(@InjectTenantDb() private readonly db: Database) {}
 *   @Get() list(@CurrentTenant() { tenant }: Resolution) { return this.db.select().from(notes); }
 * }
 * ```
 */
export class TenancyModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(WithoutTenantMiddleware).forRoutes('{*path}');
  }

  static forRoot({ db, guardEverything = true, ...options }: TenancyModuleOptions): DynamicModule {
    return {
      module: TenancyModule,
      global: true,
      providers: [
        { provide: tenantDb, useValue: db },
        { provide: webOptions, useValue: options },
        { provide: APP_INTERCEPTOR, useValue: new TenancyInterceptor(options) },
        ...(guardEverything ? [{ provide: APP_GUARD, useClass: TenancyGuard }] : []),
      ],
      exports: [tenantDb, webOptions],
    };
  }
}
