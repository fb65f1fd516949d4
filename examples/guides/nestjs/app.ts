/* oxlint-disable typescript/no-extraneous-class -- Nest knows a module by its class */
// #region app
import { Body, Controller, Get, Module, NotFoundException, Param, Post } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Tenancy } from '@tenantry/tenancy';
import { CurrentTenant, InjectTenantDb, TenancyModule, WithoutTenant } from '@tenantry/tenancy/nest';
import type { Resolution, TenantResolver } from '@tenantry/tenancy/resolve';
import { openAccount } from '../open-account.ts';

@Controller()
export class AccountsController {
  @InjectTenantDb() private readonly tenancy!: Tenancy;

  @Get('health')
  @WithoutTenant()
  health() {
    return { status: 'up' };
  }

  @Get('whoami')
  whoami(@CurrentTenant() { placement }: Resolution) {
    return { tenant: placement.slug };
  }

  @Get('accounts')
  async list() {
    return (await this.tenancy.query('SELECT id, name FROM accounts ORDER BY id LIMIT 100')).rows;
  }

  @Get('accounts/:id')
  async find(@Param('id') id: string) {
    const { rows } = await this.tenancy.query('SELECT id, name FROM accounts WHERE id::text = $1', [id]);
    if (rows[0] === undefined) throw new NotFoundException();
    return rows[0];
  }

  @Post('accounts')
  open(@Body() { name, key }: { name: string; key: string }) {
    return openAccount(this.tenancy, name, key);
  }
}

@Module({})
export class AppModule {
  static of(tenancy: Tenancy, resolver: TenantResolver): DynamicModule {
    const tenants = TenancyModule.forRoot({ tenancy, resolver, db: tenancy });
    return { module: AppModule, imports: [tenants], controllers: [AccountsController] };
  }
}
// #endregion
