import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SecurityReporter, type ReporterOptions } from '../../src/security/reporter.ts';
import { controlPlaneDirectory } from '../../src/directory/index.ts';
import type { SecurityEvent } from '../support/tenancy.ts';

interface Body {
  readonly report: string;
  readonly source: string;
  readonly events: readonly { readonly count: number; readonly fingerprint: string | null }[];
  readonly dropped: number;
}

/** A control plane that answers reports as a test wants. */
let server: Server;
let url: string;
let bodies: Body[];
let headers: IncomingMessage['headers'][];
let statuses: number[];
let waiting: (() => void)[];
let errors: unknown[];
let reporter: SecurityReporter;

beforeEach(async () => {
  [bodies, headers, statuses, waiting, errors] = [[], [], [], [], []];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(text) as Body);
      headers.push({ ...request.headers, path: `${request.method} ${request.url}` });
      const status = statuses.shift() ?? 202;
      // 0: no answer at all.
      if (status !== 0) response.writeHead(status).end('{}');
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  reporter = reporting();
});
afterEach(async () => {
  await reporter.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const reporting = (more: Partial<ReporterOptions> = {}): SecurityReporter =>
  new SecurityReporter({
    url,
    token: 'tnt_x',
    requestTimeout: 200,
    gatherMs: 5,
    retryMs: { first: 20, most: 40 },
    onError: (error) => errors.push(error),
    ...more,
  });

const at = new Date('2026-05-05T10:00:10.500Z');
const event = (more: Partial<SecurityEvent> = {}): SecurityEvent => ({
  kind: 'denied',
  code: undefined,
  tenant: 't_aaaaaaaaaaaa' as SecurityEvent['tenant'],
  cell: 'default',
  lane: 'sealed',
  sqlState: '42501',
  fingerprint: '0123456789abcdef',
  count: 1,
  firstAt: at,
  at,
  ...more,
});

async function until(fits: () => boolean): Promise<void> {
  while (!fits()) await new Promise<void>((resolve) => waiting.push(resolve));
}

test('equal events of a minute go as one, with the key, to the endpoint of the control plane', async () => {
  for (let i = 0; i < 5; i++) reporter.add(event({ count: 2 }));
  reporter.add(event({ at: new Date(at.getTime() + 60_000) }));
  reporter.add(
    event({
      tenant: undefined,
      cell: undefined,
      lane: undefined,
      sqlState: undefined,
      fingerprint: undefined,
    }),
  );
  await until(() => bodies.length === 1);
  expect(headers[0]).toMatchObject({ path: 'POST /v1/security-events', authorization: 'Bearer tnt_x' });
  expect(bodies[0]).toEqual({
    report: expect.stringMatching(/^[0-9a-f-]{36}$/),
    source: 'lane',
    dropped: 0,
    events: [
      expect.objectContaining({
        kind: 'denied',
        tenantId: 't_aaaaaaaaaaaa',
        count: 10,
        firstAt: at.toISOString(),
      }),
      expect.objectContaining({ count: 1 }),
      {
        kind: 'denied',
        tenantId: null,
        cell: null,
        lane: null,
        sqlState: null,
        fingerprint: null,
        count: 1,
        firstAt: at.toISOString(),
        lastAt: at.toISOString(),
      },
    ],
  });
});

test('a control plane that does not answer, or answers 503, gets the same report again', async () => {
  statuses = [503, 0, 429, 202];
  reporter.add(event());
  await until(() => bodies.length === 1);
  // What comes meanwhile waits for its own report.
  reporter.add(event({ fingerprint: 'ffffffffffffffff' }));
  await until(() => bodies.length === 5);
  expect(new Set(bodies.slice(0, 4).map(({ report }) => report)).size).toBe(1);
  expect(bodies[4]!.report).not.toBe(bodies[0]!.report);
  expect(bodies[4]!.events.map(({ fingerprint }) => fingerprint)).toEqual(['ffffffffffffffff']);
  expect(errors).toHaveLength(3);
  expect(errors[0]).toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
});

test('one that is away for long costs bounded room; what was left out is told as a number when it is back', async () => {
  const port = Number(new URL(url).port);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const started = performance.now();
  for (let i = 0; i < 50_000; i++) reporter.add(event({ fingerprint: i.toString(16).padStart(16, '0') }));
  // No statement waits for it.
  expect(performance.now() - started).toBeLessThan(1_500);
  expect(reporter.status).toEqual({ waiting: 1_000, dropped: 49_000 });
  await expect.poll(() => errors.length).toBeGreaterThan(2);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await until(() => bodies.length === 5);
  expect(bodies.map(({ events }) => events.length)).toEqual([200, 200, 200, 200, 200]);
  expect(bodies.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(49_000);
  await expect.poll(() => reporter.status).toEqual({ waiting: 0, dropped: 0 });
});

test('a report that is refused for good is not sent again, but counted', async () => {
  statuses = [400];
  reporter.add(event({ count: 7 }));
  await until(() => bodies.length === 2);
  expect(bodies[1]).toMatchObject({ events: [], dropped: 7 });
  expect(bodies[1]!.report).not.toBe(bodies[0]!.report);
});

test('closing sends what is left, and does not wait for who does not answer', async () => {
  const slow = reporting({ gatherMs: 60_000 });
  slow.add(event());
  await slow.close();
  expect(bodies).toHaveLength(1);
  statuses = [0];
  const dead = reporting({ gatherMs: 60_000, requestTimeout: 60_000 });
  dead.add(event());
  const started = performance.now();
  await dead.close();
  expect(performance.now() - started).toBeLessThan(1_500);
  dead.add(event());
  expect(dead.status.waiting).toBeLessThanOrEqual(1);
});

test('a directory of a control plane reports, unless it is told not to', async () => {
  const options = { url, token: 'tnt_x', credentialKey: Buffer.alloc(32) };
  const quiet = controlPlaneDirectory({ ...options, reportSecurity: false });
  quiet.report?.(event());
  await quiet.close();
  expect(bodies).toEqual([]);
  const telling = controlPlaneDirectory(options);
  telling.report?.(event());
  await telling.close();
  expect(bodies).toHaveLength(1);
});
