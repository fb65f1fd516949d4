import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Cells } from '../db/cells/registry.ts';
import type { ControlDatabase } from '../db/database.ts';
import { registerIsolationMetrics } from './isolation-metrics.ts';
import type { IsolationSummary } from '@tenantry/contract';
import type { SecurityCounters } from '../security/counters.ts';

export interface MetricSources {
  readonly control: ControlDatabase;
  readonly cells: Cells;
  readonly security: SecurityCounters;
  readonly isolation: () => Promise<IsolationSummary>;
  readonly clock: () => Date;
}

/** `/metrics` for Prometheus. No label carries a tenant: their number has no bound, and their names are nobody's business. */
export function registerMetrics(app: FastifyInstance, sources: MetricSources): void {
  const { control, cells, security } = sources;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'tenantry_' });
  const registers = [registry];
  const duration = new Histogram({
    name: 'tenantry_http_request_duration_seconds',
    help: 'Duration of HTTP requests by endpoint and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5],
    registers,
  });
  const byState = (name: string, help: string, table: 'tenants' | 'operations') =>
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers,
      async collect() {
        const { rows } = await sql<{ state: string; n: string }>`
          SELECT state, count(*) AS n FROM ${sql.table(`tenantry.${table}`)} GROUP BY state`.execute(
          control.db,
        );
        this.reset();
        for (const { state, n } of rows) this.set({ state }, Number(n));
      },
    });
  byState('tenantry_tenants', 'Tenants by state', 'tenants');
  byState('tenantry_operations', 'Operations by state', 'operations');
  const spares = new Gauge({
    name: 'tenantry_spares',
    help: 'Spare schemas that are ready to be claimed',
    registers: [],
    async collect() {
      const { rows } = await sql<{ n: string }>`
        SELECT count(*) AS n FROM tenantry.spares WHERE state = 'ready'`.execute(control.db);
      this.set(Number(rows[0]!.n));
    },
  });
  const connections = new Gauge({
    name: 'tenantry_connections',
    help: 'Connections of the control plane by pool and use',
    labelNames: ['pool', 'use'],
    registers: [],
    collect() {
      const pools = { control: poolOf(control), cells: cells.connections };
      for (const [pool, { total, idle, waiting }] of Object.entries(pools)) {
        this.set({ pool, use: 'busy' }, total - idle);
        this.set({ pool, use: 'idle' }, idle);
        this.set({ pool, use: 'waiting' }, waiting);
      }
    },
  });
  const refused = new Counter({
    name: 'tenantry_security_events_total',
    help: 'Statements and logins that were refused, by kind, SQLSTATE and who saw it; one refusal may be seen by two',
    labelNames: ['kind', 'sqlstate', 'source'],
    registers: [],
    collect() {
      this.reset();
      for (const { kind, sqlState, source, count } of security.all)
        this.inc({ kind, sqlstate: sqlState, source }, count);
    },
  });
  const dropped = new Counter({
    name: 'tenantry_security_events_dropped_total',
    help: 'Refusals that an application had no room to report',
    registers: [],
    collect() {
      this.reset();
      this.inc(security.dropped);
    },
  });
  for (const metric of [refused, dropped]) registry.registerMetric(metric);
  registerIsolationMetrics(registry, sources.isolation, sources.clock);
  registry.registerMetric(spares);
  registry.registerMetric(connections);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    duration.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.header('content-type', registry.contentType);
    return registry.metrics();
  });
}

function poolOf({ pool }: ControlDatabase) {
  return { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
}
