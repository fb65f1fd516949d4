import type pg from 'pg';
import { attackTarget, noteOf, type AttackedCell } from './attack-cell.ts';
import { applicationTarget, type ApplicationSpec, type Attack, type AttackResult } from './attacks/index.ts';
import { plantSchemas } from './canaries.ts';

export interface AttackApplicationOptions {
  /** A login that may make tenants: the one that the application makes them with. */
  readonly control: pg.ClientConfig;
  /** The application's login, over which its tenants' SQL runs. */
  readonly application: pg.ClientConfig & { readonly user: string };
  readonly spec: ApplicationSpec;
  /** Default: the whole catalogue. */
  readonly attacks?: readonly Attack[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: ((result: AttackResult) => void) | undefined;
}

/**
 * Attacks any database that has a schema for each tenant, the way that its application connects: makes two tenants by its recipe,
 * lets one attack the other, and removes both. What succeeds is what is open there.
 *
 * ```ts
 * await attackApplication({ control, application, spec: { create: ['CREATE SCHEMA {schema}'], enter: ['SET search_path = {schema}'], … } });
 * ```
 */
export async function attackApplication({
  control,
  application,
  spec,
  attacks,
  signal,
  onResult,
}: AttackApplicationOptions): Promise<AttackedCell> {
  const pair = await plantSchemas({ control, application: application.user, recipe: spec });
  const target = applicationTarget(pair, application, spec);
  try {
    const results = await attackTarget(target, pair, {
      signal,
      ...(attacks === undefined ? {} : { attacks }),
      ...(onResult === undefined ? {} : { onResult }),
    });
    return { attacks: results, controls: [], notes: pair.swept.map(noteOf) };
  } finally {
    await target.close();
    await pair.remove();
  }
}
