import { Code } from '@chakra-ui/react';
import type { Permission } from '@tenantry/contract';
import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMe } from '../lib/session.ts';
import { EmptyState } from './empty-state.tsx';

/** Says which permission is missing, and whose role it is that lacks it. */
export function Forbidden({ permission }: { readonly permission: Permission }) {
  const { role } = useMe();
  return (
    <EmptyState icon={Lock} title="Your role does not include this">
      You are signed in as <Code>{role}</Code>. This needs the permission <Code>{permission}</Code>: ask an
      administrator for a role that has it.
    </EmptyState>
  );
}

/** Shows its content to those who have a permission, and tells the others what they lack. */
export function Needs({
  permission,
  children,
}: {
  readonly permission: Permission;
  readonly children: ReactNode;
}) {
  const { permissions } = useMe();
  return permissions.includes(permission) ? children : <Forbidden permission={permission} />;
}
