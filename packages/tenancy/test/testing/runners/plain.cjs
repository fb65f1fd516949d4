// Run by runners.test.ts with plain Node: what runners do that load tests with require().
'use strict';
const assert = require('node:assert/strict');
const { expectIsolated, startTestTenants } = require('@tenantry/tenancy/testing');

async function main() {
  const tenants = await startTestTenants({
    schema: (client) => client.query('CREATE TABLE notes (id serial PRIMARY KEY, body text NOT NULL)'),
  });
  try {
    const two = await tenants.pair();
    const send = async (request) => {
      const tenant = await tenants.tenancy.resolve(request.headers.get('x-tenant'));
      return Response.json((await tenants.tenancy.for(tenant).query('SELECT * FROM notes')).rows);
    };
    const report = await expectIsolated({ tenants: two, routes: ['GET /notes'], send });
    assert.equal(report.routes[0].sawOwn, true);
    console.log('passed');
  } finally {
    await tenants.stop();
  }
}

void main();
