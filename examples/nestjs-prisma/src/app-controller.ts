import { Controller, Get } from '@nestjs/common';
import { CurrentTenant, WithoutTenant } from '@tenantry/tenancy/nest';
import type { Resolution } from '@tenantry/tenancy/resolve';

@Controller()
export class AppController {
  @Get('health')
  @WithoutTenant()
  health(): { status: string } {
    return { status: 'ok' };
  }

  @Get('tenant')
  tenant(@CurrentTenant() { tenant, placement }: Resolution): { id: string; slug: string } {
    return { id: tenant, slug: placement.slug };
  }
}
