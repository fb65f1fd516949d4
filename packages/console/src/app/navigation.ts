import type { Permission } from '@tenantry/contract';
import type { LinkProps } from '@tanstack/react-router';
import {
  Activity,
  BookOpen,
  Building2,
  House,
  ScrollText,
  Settings,
  ShieldCheck,
  type LucideIcon,
} from 'lucide-react';

export interface NavItem {
  readonly to: LinkProps['to'];
  readonly label: string;
  readonly icon: LucideIcon;
  /** Shown to those who have it; undefined: to everybody. */
  readonly permission?: Permission;
  /** Goes there from anywhere. */
  readonly keys: string;
}

export interface NavGroup {
  /** Absent where the items need no heading. */
  readonly label?: string;
  readonly items: readonly NavItem[];
}

/** The places of the console. One that a person may not see is not shown; a place is added here when it works. */
export const navigation: readonly NavGroup[] = [
  {
    items: [
      { to: '/', label: 'Overview', icon: House, permission: 'tenants:read', keys: 'g o' },
      { to: '/tenants', label: 'Tenants', icon: Building2, permission: 'tenants:read', keys: 'g t' },
      { to: '/operations', label: 'Operations', icon: Activity, permission: 'operations:read', keys: 'g p' },
    ],
  },
  {
    label: 'Prove',
    items: [
      {
        to: '/isolation',
        label: 'Isolation',
        icon: ShieldCheck,
        permission: 'isolation:read',
        keys: 'g i',
      },
      { to: '/audit', label: 'Audit', icon: ScrollText, permission: 'audit:read', keys: 'g a' },
    ],
  },
  {
    label: 'Set up',
    items: [
      { to: '/docs', label: 'Developers', icon: BookOpen, permission: 'tenants:read', keys: 'g d' },
      { to: '/settings', label: 'Settings', icon: Settings, keys: 'g s' },
    ],
  },
];
