import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TenancyModule } from '@tenantry/tenancy/nest';
import { AccountController } from './accounts/account-routes.ts';
import type { AppOptions } from './application.ts';
import { AppController } from './app-controller.ts';
import { ProblemFilter } from './problem-filter.ts';
import { TENANCY } from './tenancy-token.ts';

@Module({})
class AppModule {}

/** What Nest starts from. */
export function appModule({ tenancy, resolver, database }: AppOptions): DynamicModule {
  return {
    module: AppModule,
    imports: [TenancyModule.forRoot({ tenancy, resolver, db: database })],
    controllers: [AppController, AccountController],
    providers: [
      { provide: TENANCY, useValue: tenancy },
      { provide: APP_FILTER, useClass: ProblemFilter },
    ],
  };
}
