import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../support/events.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loginAs, provision } from '../support/tenant.ts';

/**
 * Channels have one name space per database, and the default cell is the control plane's own: a tenant can send on every channel
 * that the control plane listens on. What it sends must neither end the process nor keep events from those who wait for them.
 */
let server: TestServer;
let tenant: pg.Client;
let victim: string;

beforeAll(async () => {
  server = await startTestServer();
  tenant = await loginAs(server, await provision(server, 'forger'));
  victim = (await provision(server, 'victim')).id;
});
afterAll(async () => {
  await tenant.end();
  await server.stop();
});

const forged = ['', 'evil', '-1', '1.5', '0x10', '9223372036854775807', '99999999999999999999', '💥'];

test.each(['tenantry_events', 'tenantry_placement_notices', 'tenantry_placements'])(
  'forged messages on %s do no harm',
  async (channel) => {
    const events = await listen(server.admin);
    const sent = [...forged, victim];
    for (const payload of sent) await tenant.query('SELECT pg_notify($1, $2)', [channel, payload]);
    // One listener hears in order: once the last is heard, so are those before it. Then an event of its own still arrives.
    const slug = `after-${channel.replaceAll('_', '-')}`;
    const { id } = await provision(server, slug);
    await events.until(
      ({ event, data }) => event === 'tenant.active' && data.topics?.includes(`tenant:${id}`) === true,
    );
    await events.close();
  },
);

test('a flood of messages costs a flood of nothing: the control plane answers meanwhile', async () => {
  const flood = tenant.query(
    `SELECT pg_notify('tenantry_placement_notices', 'cell-' || n) FROM generate_series(1, 20000) n`,
  );
  await expect(server.admin.call('getTenant', { params: { tenant: 'victim' } })).resolves.toMatchObject({
    slug: 'victim',
  });
  await flood;
  await provision(server, 'after-the-flood');
});
