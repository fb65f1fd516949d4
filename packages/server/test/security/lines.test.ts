import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openControlDatabase, type ControlDatabase } from '../../src/db/database.ts';
import { emit } from '../../src/db/emit.ts';
import { findingLogger } from '../../src/main/log-findings.ts';
import { EventHub } from '../../src/operations/event-hub.ts';
import { SecurityRecorder } from '../../src/security/recorder.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let control: ControlDatabase;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  control = openControlDatabase(server.controlUrl, 2);
}, 60_000);
afterAll(async () => {
  await control?.close();
  await server?.stop();
  await files?.clean();
});

type Line = Readonly<Record<string, unknown>>;

/** A log whose lines a test reads, and waits for. */
function recording() {
  const lines: Line[] = [];
  let wake = (): void => {};
  const log = pino(
    { base: null },
    {
      write: (text: string) => {
        lines.push(JSON.parse(text) as Line);
        wake();
      },
    },
  );
  const until = async (fits: () => boolean): Promise<void> => {
    while (!fits()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { log, lines, until };
}

test('a refusal is a line of JSON with the documented names', async () => {
  const { log, lines } = recording();
  const tenant = await provision(server, 'acme');
  const recorder = new SecurityRecorder({ db: control.db, log, clock: () => new Date(), wake: () => {} });
  const at = new Date();
  const { id: cell } = (await server.admin.call('listCells', {})).items[0]!;
  const refusal = {
    kind: 'denied',
    tenantId: tenant.id,
    cell,
    lane: 'leased',
    sqlState: '42501',
    fingerprint: 'abcdef0123456789',
    count: 3,
    firstAt: at,
    lastAt: at,
  } as const;
  await recorder.record('lane', [refusal]);
  await recorder.stop();
  expect(lines).toEqual([
    {
      level: 40,
      time: expect.any(Number),
      event: 'security_event',
      kind: 'denied',
      source: 'lane',
      tenantId: tenant.id,
      cell: 'default',
      lane: 'leased',
      sqlState: '42501',
      fingerprint: 'abcdef0123456789',
      count: 3,
      msg: 'Refused',
    },
  ]);
});

test('so is a finding that is opened, once it is committed', async () => {
  const { log, lines, until } = recording();
  const hub = new EventHub(control, server.controlUrl);
  await hub.start();
  try {
    const leave = await hub.subscribe(findingLogger(log), undefined);
    const finding = { check: 'members.edge', subject: 't_a in t_b', severity: 'critical' };
    const data = { cellId: 'c_x', part: 'audit', run: 'ir_x', opened: 1, resolved: 2, findings: [finding] };
    const event = { type: 'isolation.findings', topics: ['isolation'], data };
    await control.db
      .transaction()
      .execute(async (tx) => {
        await emit(tx, { ...event, data: { ...data, run: 'ir_rolled_back' } });
        throw new Error('rolled back');
      })
      .catch(() => {});
    await control.db.transaction().execute((tx) => emit(tx, event));
    await until(() => lines.length === 2);
    leave();
    expect(lines).toMatchObject([
      { event: 'isolation_findings', run: 'ir_x', cellId: 'c_x', part: 'audit', opened: 1, resolved: 2 },
      { event: 'isolation_finding', level: 50, ...finding },
    ]);
  } finally {
    await hub.stop();
  }
});
