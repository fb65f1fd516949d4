import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { randomBase32 } from '@tenantry/tenancy';
import { ensureLocalToken } from '../access/local-token.ts';
import { OidcProvider } from '../access/oidc/provider.ts';
import { oidcSettings } from '../access/oidc/settings.ts';
import { createSignInCode } from '../access/sessions/code.ts';
import { keyIdOf } from '../access/token.ts';
import { ensureDefaultCell } from '../cells/ensure-default.ts';
import { inspectCell, expectFit } from '../cells/inspect.ts';
import { migrateReferences } from '../cells/reference.ts';
import type { Config } from '../config.ts';
import { Cells } from '../db/cells/registry.ts';
import { systemActor, type Context } from '../db/context.ts';
import { openControlDatabase } from '../db/database.ts';
import { startEmbeddedCell, type EmbeddedCell } from '../db/embedded/index.ts';
import { installControlSchema } from '../db/install.ts';
import { expectSameKey } from '../db/key-check.ts';
import { credentialKey } from '../db/secrets.ts';
import { TenantryError } from '../errors.ts';
import { buildApp } from '../http/app.ts';
import { prepareClose } from '../http/close.ts';
import type { OpenStreams } from '../http/event-stream.ts';
import { reaching } from '../http/reach.ts';
import { signInLink, type SignInServices } from '../http/sign-in.ts';
import { IsolationClock } from '../jobs/isolation-clock.ts';
import { PlacementNotifier } from '../jobs/placement-notifier.ts';
import { JobRunner } from '../jobs/runner.ts';
import { EventHub } from '../operations/event-hub.ts';
import { evidenceSigner, publishKey } from '../evidence/signer.ts';
import type { IsolationContext, IsolationSettings } from '../isolation/context.ts';
import { getIsolation } from '../isolation/summary.ts';
import { MigrationSource } from '../tenants/migration-source.ts';
import { startMetrics } from './metrics.ts';
import { startSecurity } from './security.ts';
import { Shutdown } from './shutdown.ts';

/** The migrations that are used when none are configured. */
export const sampleMigrations = fileURLToPath(
  new URL('../../../../examples/sample-saas/migrations', import.meta.url),
);

/** Where the console is built. */
export const consoleBuild = fileURLToPath(new URL('../../../console/dist', import.meta.url));

/** How long running operations may take to end when the control plane stops. */
const stopGraceMs = 10_000;

export interface ControlPlane {
  /** Where it serves, as http://127.0.0.1:7700. */
  readonly url: string;
  /** The local administrator's token. */
  readonly token: string;
  /** A one-time link that signs a browser in as the local administrator. */
  consoleLink(): Promise<string>;
  readonly embedded: EmbeddedCell | undefined;
  /** Ends requests and operations, then the database. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts everything in order; what was started is stopped again when a later part fails. */
export async function startControlPlane(config: Config, log: Logger, version: string): Promise<ControlPlane> {
  const shutdown = new Shutdown(log);
  try {
    return await start(config, log, version, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(
  config: Config,
  log: Logger,
  version: string,
  shutdown: Shutdown,
): Promise<ControlPlane> {
  await mkdir(config.home, { recursive: true });
  const embedded = config.databaseUrl === undefined ? await startEmbedded(config, log, shutdown) : undefined;
  const url = embedded?.controlUrl ?? config.databaseUrl!;
  const key = await credentialKey(config.home, config.credentialKey);
  const evidenceKey = await evidenceSigner(config.home, config.evidenceKey);
  // Before anything is installed: an external database that is unfit stays as it was.
  if (!embedded) expectFit(await inspectCell(url, 'default', config.extensions));
  const lend = embedded && ((install: () => Promise<void>) => embedded.withAuditGrant(install));
  await installControlSchema({ url, ...(lend ? { withAuditGrant: lend } : {}) });

  const control = openControlDatabase(url, config.concurrency + 8);
  shutdown.add('control database', () => control.close());
  await expectSameKey(control.db, key);
  const cells = new Cells({
    db: control.db,
    credentialKey: key,
    defaultUrl: url,
    reference: config.referenceMigrations,
    size: config.concurrency + 6,
  });
  shutdown.add('cells', () => cells.close());

  const migrations = new MigrationSource(config.migrations ?? [sampleMigrations], config.placeholders);
  const clock = () => new Date();
  const hub = new EventHub(control, url);
  // Known once it listens; nothing is verified over HTTP before.
  const served: { url?: string } = {};
  const isolation = isolationSettings(config, () => served.url);
  const base = { control, cells, migrations, clock, log, events: hub, isolation };
  const contextFor = (job: string): IsolationContext => ({
    ...base,
    jobs,
    ...nobody,
    actor: systemActor(job),
  });
  const jobs: JobRunner = new JobRunner({
    url,
    log,
    concurrency: config.concurrency,
    warmPool: config.warmPool,
    securityRetention: config.securityRetention,
    contextFor,
  });
  const startup = contextFor('startup');
  const kind = embedded ? 'embedded' : 'external';
  await ensureDefaultCell(startup, { kind, url, allowedExtensions: config.extensions });
  await migrateReferences(startup);
  await publishKey(startup, evidenceKey);
  const token = await ensureLocalToken(startup, config.home);

  shutdown.add('events', () => hub.stop());
  await hub.start();
  const notifier = new PlacementNotifier({ url, contextFor });
  shutdown.add('placement notices', () => notifier.stop());
  await notifier.start();
  shutdown.add('jobs', () => jobs.stop(stopGraceMs));
  await jobs.start();

  const security = await startSecurity({ control, hub, log, clock, embedded }, shutdown);
  await startMetrics({ config, counters: security.counters, contextFor, log }, shutdown);

  const signIn = signInServices(config);
  const streams: OpenStreams = new Set();
  const app = await buildApp({
    control,
    log,
    version,
    rateLimit: config.rateLimit,
    isolationPass: isolation.apiPass,
    services: {
      hub,
      streams,
      signIn,
      security,
      evidence: { key: evidenceKey, version },
      config,
      version,
      gracePeriod: config.gracePeriod,
    },
    health: { ready: () => ready(startup, shutdown) },
    metrics: {
      control,
      cells,
      security: security.counters,
      isolation: () => getIsolation(contextFor('metrics')),
      clock,
    },
    clock,
    console: config.console ?? consoleBuild,
    contextFor: (caller, request) => ({
      ...base,
      jobs,
      ...request,
      actor: caller.actor,
      onlyTenant: caller.onlyTenant,
    }),
  });
  const isolationClock = new IsolationClock({ contextFor });
  const closeHttp = prepareClose(app, stopGraceMs);
  shutdown.add('http', async () => {
    for (const close of streams) close();
    await closeHttp();
  });
  await app.listen({ host: config.host, port: config.port });
  const { address, port, family } = app.server.address() as AddressInfo;
  const host = family === 'IPv6' ? `[${address}]` : address;
  const own = `http://${host}:${port}`;
  served.url = own;
  shutdown.add('isolation clock', () => isolationClock.stop());
  isolationClock.start();
  return {
    url: own,
    token,
    embedded,
    consoleLink: async () => {
      const { code } = await createSignInCode(contextFor('startup'), keyIdOf(token) ?? '');
      return signInLink({ origin: config.publicUrl ?? own, prefix: '' }, code);
    },
    stop: () => shutdown.run(),
  };
}

function signInServices(config: Config): SignInServices {
  const oidc = oidcSettings(config);
  return {
    reaching: reaching(config.publicUrl, config.trustedProxies),
    limits: { idle: config.sessionIdle, lifetime: config.sessionLifetime },
    oidc: oidc && new OidcProvider(oidc),
  };
}

function isolationSettings(config: Config, apiUrl: () => string | undefined): IsolationSettings {
  return {
    every: {
      audit: config.isolationAuditEvery,
      oracle: config.isolationAuditEvery,
      probes: config.isolationProbesEvery,
      faults: config.isolationFaultsEvery,
    },
    apiUrl,
    apiPass: randomBase32(32),
  };
}

const nobody = { onlyTenant: null, requestId: null, sourceIp: null } satisfies Partial<Context>;

async function startEmbedded(config: Config, log: Logger, shutdown: Shutdown): Promise<EmbeddedCell> {
  const cell = await startEmbeddedCell({ home: config.home, port: config.databasePort, log });
  shutdown.add('embedded PostgreSQL', () => cell.stop());
  return cell;
}

async function ready(ctx: Context, shutdown: Shutdown): Promise<void> {
  if (shutdown.begun) throw new TenantryError('SHUTTING_DOWN');
  await ctx.control.db
    .selectFrom('cells')
    .select('id')
    .where('is_default', '=', true)
    .executeTakeFirstOrThrow();
}
