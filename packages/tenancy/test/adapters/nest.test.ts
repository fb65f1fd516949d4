import 'reflect-metadata';
import { Body, Controller, Get, Inject, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Pool } from 'pg';
import { CurrentTenant, InjectTenantDb, TenancyModule, WithoutTenant } from '../../src/adapters/nest.ts';
import type { Resolution } from '../../src/resolve/index.ts';
import { addSql, listSql, oneSql, webSuite, type AppParts, type Running } from './web-suite.ts';

const suspendToken = Symbol('suspend');

/** What a user writes with decorators, without their syntax: Node does not run it. */
class NotesController {
  readonly db: Pool;
  readonly suspend: () => void;
  constructor(db: Pool, suspend: () => void) {
    this.db = db;
    this.suspend = suspend;
  }
  async list() {
    return (await this.db.query(listSql)).rows;
  }
  async one(id: string) {
    return (await this.db.query(oneSql, [id])).rows[0];
  }
  async add({ id, body }: { id: number; body: string }) {
    return (await this.db.query(addSql, [id, body])).rows[0];
  }
  whoami({ tenant, placement }: Resolution) {
    return { tenant, slug: placement.slug };
  }
  late() {
    return new Promise((resolve, reject) => {
      setTimeout(() => void this.db.query(listSql).then(({ rows }) => resolve(rows), reject), 5);
    });
  }
  async suspendAndList() {
    this.suspend();
    return this.list();
  }
  health() {
    return 'ok';
  }
  async nobody() {
    return this.list();
  }
}

type Method = Exclude<keyof NotesController, 'db' | 'suspend'>;

const at = (method: Method): TypedPropertyDescriptor<unknown> =>
  Object.getOwnPropertyDescriptor(NotesController.prototype, method)!;
const decorate = (method: Method, ...decorators: MethodDecorator[]): void => {
  for (const decorator of decorators) decorator(NotesController.prototype, method, at(method));
};
const parameter = (method: Method, decorator: ParameterDecorator): void =>
  decorator(NotesController.prototype, method, 0);

Controller()(NotesController);
InjectTenantDb()(NotesController, undefined, 0);
Inject(suspendToken)(NotesController, undefined, 1);
decorate('list', Get('notes'));
decorate('one', Get('notes/:id'));
parameter('one', Param('id'));
decorate('add', Post('notes'));
parameter('add', Body());
decorate('whoami', Get('whoami'));
parameter('whoami', CurrentTenant());
decorate('late', Get('late'));
decorate('suspendAndList', Get('suspended'));
decorate('health', Get('health'), WithoutTenant());
decorate('nobody', Get('nobody'), WithoutTenant());

async function start(
  { tenancy, resolver, suspend }: AppParts,
  adapter: ExpressAdapter | FastifyAdapter,
): Promise<Running> {
  // oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class
  class AppModule {}
  Module({
    imports: [TenancyModule.forRoot({ tenancy, resolver, db: tenancy.pool })],
    controllers: [NotesController],
    providers: [{ provide: suspendToken, useValue: suspend }],
  })(AppModule);
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}

webSuite('NestJS on Express', (parts) => start(parts, new ExpressAdapter()));
webSuite('NestJS on Fastify', (parts) => start(parts, new FastifyAdapter()));
