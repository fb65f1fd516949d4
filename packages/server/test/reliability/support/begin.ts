import type { Client } from '@tenantry/contract';
import { ApiError } from '@tenantry/contract';
import type { Place } from './truth.ts';
import { quiet } from './truth.ts';

/** Makes tenants and waits until all are active. */
export async function makeTenants(admin: Client, place: Place, slugs: readonly string[]): Promise<void> {
  await Promise.all(slugs.map((slug) => admin.call('createTenant', { body: { slug } })));
  await quiet(place);
}

/** What became of a call: `done`, the code of its refusal, or `cut off`. */
export function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => (error instanceof ApiError ? error.problem.code : 'cut off'),
  );
}
