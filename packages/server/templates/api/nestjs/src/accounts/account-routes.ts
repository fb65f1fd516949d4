import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import type { Tenancy } from '@tenantry/tenancy';
import { InjectTenantDb } from '@tenantry/tenancy/nest';
import type { Response } from 'express';
import type { Database } from '../database.ts';
import { TENANCY } from '../tenancy-token.ts';
import { parseId, parseName, parsePage, type Account, type AccountPage } from './account.ts';
import { accountsOf, type AccountService } from './account-service.ts';

@Controller('accounts')
export class AccountController {
  readonly #tenancy: Tenancy;
  readonly #database: Database;

  constructor(@Inject(TENANCY) tenancy: Tenancy, @InjectTenantDb() database: Database) {
    this.#tenancy = tenancy;
    this.#database = database;
  }

  @Get()
  async list(@Query() query: Record<string, unknown>): Promise<AccountPage> {
    return this.#accounts.list(parsePage(query));
  }

  @Post()
  async create(@Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<Account> {
    const account = await this.#accounts.create(parseName(body));
    response.location(`/accounts/${account.id}`);
    return account;
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<Account> {
    return this.#accounts.get(parseId(id));
  }

  @Patch(':id')
  async rename(@Param('id') id: string, @Body() body: unknown): Promise<Account> {
    return this.#accounts.rename(parseId(id), parseName(body));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string): Promise<void> {
    await this.#accounts.remove(parseId(id));
  }

  /** Made for each request, because it belongs to one tenant; the controller is there once for all. */
  get #accounts(): AccountService {
    return accountsOf({ tenancy: this.#tenancy, database: this.#database });
  }
}
