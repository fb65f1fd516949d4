/* oxlint-disable typescript/no-extraneous-class -- Nest knows a module by its class */
import {
  Controller,
  Get,
  Injectable,
  Module,
  Param,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import type { Tenancy, TenantId } from '@tenantry/tenancy';
import { InjectTenantDb, TenancyGuard, TenancyModule } from '@tenantry/tenancy/nest';
import type { TenantResolver } from '@tenantry/tenancy/resolve';
import type { Observable } from 'rxjs';

/** What ran, and whose work it was. */
export const order: [step: string, tenant: TenantId | undefined][] = [];

@Injectable()
class NotingInterceptor implements NestInterceptor {
  @InjectTenantDb() private readonly tenancy!: Tenancy;

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    order.push(['interceptor', this.tenancy.peek()]);
    return next.handle();
  }
}

@Injectable()
class NotingPipe implements PipeTransform {
  @InjectTenantDb() private readonly tenancy!: Tenancy;

  transform(value: unknown): unknown {
    order.push(['pipe', this.tenancy.peek()]);
    return value;
  }
}

/** Lets in whoever is known, before anybody asks whose request it is. */
@Injectable()
class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['x-user'] !== undefined;
  }
}

/** Reads of the request what TenancyGuard has found; the tenant's work has not begun. */
@Injectable()
class TenantKnownGuard implements CanActivate {
  @InjectTenantDb() private readonly tenancy!: Tenancy;

  canActivate(context: ExecutionContext): boolean {
    order.push(['guard', this.tenancy.peek()]);
    return context.switchToHttp().getRequest<{ tenant?: unknown }>().tenant !== undefined;
  }
}

@Controller('guarded')
@UseGuards(AuthGuard, TenancyGuard, TenantKnownGuard)
export class GuardedController {
  @InjectTenantDb() private readonly tenancy!: Tenancy;

  @Get(':id')
  @UseInterceptors(NotingInterceptor)
  @UsePipes(NotingPipe)
  find(@Param('id') id: string): string {
    order.push(['handler', this.tenancy.peek()]);
    return id;
  }
}

@Module({})
export class GuardedModule {
  static of(tenancy: Tenancy, resolver: TenantResolver): DynamicModule {
    return {
      module: GuardedModule,
      imports: [TenancyModule.forRoot({ tenancy, resolver, db: tenancy, guardEverything: false })],
      controllers: [GuardedController],
    };
  }
}
