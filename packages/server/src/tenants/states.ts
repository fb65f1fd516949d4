import type { TenantState } from '@tenantry/contract';
import { TenantryError } from '../errors.ts';

/**
 * Every legal move of a tenant. `provisioning` and `failed` end with the row: a tenant that never became active leaves
 * nothing but its operation and its audit events.
 */
const moves: Readonly<Record<TenantState, readonly TenantState[]>> = {
  provisioning: ['active', 'failed'],
  active: ['suspended', 'archived', 'deleting'],
  suspended: ['active', 'archived', 'deleting'],
  archived: ['active', 'deleting'],
  deleting: ['active', 'deleted'],
  deleted: [],
  failed: [],
};

/** What a person does to make a move, for messages. */
const verbs: Readonly<Partial<Record<TenantState, string>>> = {
  active: 'resume',
  suspended: 'suspend',
  archived: 'archive',
  deleting: 'delete',
  deleted: 'purge',
};

/** Throws TENANT_STATE_CONFLICT, naming what can be done instead. */
export function checkMove(from: TenantState, to: TenantState): void {
  if (moves[from].includes(to)) return;
  const possible = moves[from].flatMap((state) => verbs[state] ?? []);
  const next =
    possible.length > 0
      ? `Possible now: ${possible.join(', ')}.`
      : 'Nothing can be done with it in this state.';
  throw new TenantryError('TENANT_STATE_CONFLICT', `The tenant is ${from}; it cannot be made ${to}. ${next}`);
}
