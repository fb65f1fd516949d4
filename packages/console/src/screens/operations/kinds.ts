import type { OperationKind } from '@tenantry/contract';

const names: Partial<Record<OperationKind, string>> = {
  'tenant.provision': 'Provision',
  'tenant.purge': 'Purge',
  'isolation.run': 'Verify isolation',
};

/** What a person calls a kind of operation. */
export function kindName(kind: OperationKind): string {
  const known = names[kind];
  if (known !== undefined) return known;
  const [noun = '', verb = ''] = kind.split('.');
  return `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${noun}`;
}
