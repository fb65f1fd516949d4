import pg from 'pg';
import { sealedConnection, tenantId, type CellAddress } from '@tenantry/tenancy';

/**
 * The application of row 4: a process of its own, which runs point SELECTs by several tenants over their own logins.
 * Its parent tells it when a window begins and how long that is, and is told the milliseconds of each query.
 */
export interface TrafficOptions {
  readonly cell: CellAddress;
  readonly tenants: readonly string[];
  /** base64. */
  readonly credentialKey: string;
  readonly callers: number;
  /** Rows in `entity_1` of each tenant. */
  readonly rows: number;
  /** Milliseconds between the ends and the beginnings of a caller's queries. */
  readonly thinkMs: number;
}

export type TrafficMessage = { readonly windowMs: number } | { readonly end: true };
export type TrafficAnswer =
  | { readonly ready: true }
  | { readonly samples: readonly number[]; readonly failed: number };

const options = JSON.parse(process.env['BENCH_OPTIONS'] ?? '{}') as TrafficOptions;
const clients = options.tenants.map(
  (tenant) =>
    new pg.Client(
      sealedConnection({
        cell: options.cell,
        tenant: tenantId(tenant),
        credentialKey: Buffer.from(options.credentialKey, 'base64'),
        credentialVersion: 1,
        applicationName: 'bench traffic',
      }),
    ),
);

async function callUntil(deadline: number, caller: number): Promise<TrafficAnswer & { samples: number[] }> {
  const own = clients.filter((_, i) => i % options.callers === caller);
  const samples: number[] = [];
  let failed = 0;
  for (let n = 0; performance.now() < deadline; n++) {
    const client = own[n % own.length]!;
    const start = performance.now();
    await client
      .query('SELECT code, name, amount FROM entity_1 WHERE id = $1', [1 + ((n * 7) % options.rows)])
      .then(
        () => samples.push(performance.now() - start),
        () => (failed += 1),
      );
    if (options.thinkMs > 0) await new Promise((resolve) => setTimeout(resolve, options.thinkMs));
  }
  return { samples, failed };
}

async function window(ms: number): Promise<TrafficAnswer> {
  const deadline = performance.now() + ms;
  const answers = await Promise.all(
    Array.from({ length: options.callers }, (_, caller) => callUntil(deadline, caller)),
  );
  return {
    samples: answers.flatMap(({ samples }) => samples),
    failed: answers.reduce((total, answer) => total + ('failed' in answer ? answer.failed : 0), 0),
  };
}

function tell(message: TrafficAnswer): void {
  process.send!(message);
}

process.on('message', (message: TrafficMessage) => {
  if ('end' in message) {
    void Promise.all(clients.map((client) => client.end())).then(() => process.disconnect());
  } else {
    void window(message.windowMs).then(tell);
  }
});
await Promise.all(clients.map((client) => client.connect()));
tell({ ready: true });
