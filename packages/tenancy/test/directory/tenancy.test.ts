import { afterAll, beforeAll, expect, test } from 'vitest';
import { controlPlaneDirectory } from '../../src/directory/index.ts';
import { createTenancy, placementChannel, type Tenancy } from '../../src/index.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { PlacementServer } from './placement-server.ts';

let cell: TestCell;
let plane: PlacementServer;
let tenancy: Tenancy;

beforeAll(async () => {
  cell = await startTestCell({ tenants: 3 });
  plane = new PlacementServer();
  await plane.listen();
  for (const placement of cell.placements()) plane.add(placement);
  const { url, token } = plane;
  const directory = controlPlaneDirectory({ url, token, credentialKey: cell.credentialKey });
  tenancy = createTenancy({ directory, credentialKey: cell.credentialKey });
});
afterAll(async () => {
  await tenancy?.close();
  await plane?.close();
  await cell?.stop();
});

const firstOf = async ({ id }: TestTenant): Promise<string> =>
  (await tenancy.for(id).query<{ body: string }>('SELECT body FROM notes WHERE id = 1')).rows[0]!.body;

test('a tenant that is suspended is refused within a second, and let in again when it is resumed', async () => {
  const [tenant, other] = cell.tenants as [TestTenant, TestTenant];
  expect(await firstOf(tenant)).toBe(tenant.canary);
  for (const [placement, expected] of [
    [undefined, 'TENANT_NOT_FOUND'],
    [cell.placement(tenant), tenant.canary],
  ] as const) {
    plane.set(tenant.id, placement);
    const start = performance.now();
    await cell.inControl(`NOTIFY ${placementChannel}, '${tenant.id}'`);
    const now = (): Promise<string> => firstOf(tenant).catch((error: { code: string }) => error.code);
    while ((await now()) !== expected) expect(performance.now() - start).toBeLessThan(1_000);
    expect(await firstOf(other)).toBe(other.canary);
  }
});

test('a control plane that is down stops no tenant that is known, and lets no other in', async () => {
  const [known, , unknown] = cell.tenants as [TestTenant, TestTenant, TestTenant];
  await firstOf(known);
  plane.broken = 503;
  // Longer than anything is used unasked: what is old is used all the same.
  const end = performance.now() + 2_500;
  while (performance.now() < end) {
    expect(await firstOf(known)).toBe(known.canary);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await expect(firstOf(unknown)).rejects.toMatchObject({ code: 'TENANCY_CONTROL_PLANE' });
  plane.broken = undefined;
  expect(await firstOf(unknown)).toBe(unknown.canary);
});
