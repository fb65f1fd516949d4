import { test } from 'vitest';
import { installFaults } from './support/faults.ts';
import { openSite } from './support/site.ts';
test('x', async () => {
  const site = await openSite();
  const server = site.spawn();
  const { admin } = await server.serving;
  const f = await installFaults(site.superuser);
  for (let i = 0; i < 3; i++) {
    await f.raise('operation:new', 'a' + i);
    console.log((await site.superuser.query('select * from fault.armed')).rows, (await site.superuser.query('select * from fault.raised')).rows);
    await admin.call('createTenant', { body: { slug: 'a' + i } }).then(console.log, (e) => console.log('ERR', e));
    console.log((await site.superuser.query('select * from fault.raised')).rows);
  }
  await site.stop();
});
