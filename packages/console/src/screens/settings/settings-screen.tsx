import { Outlet } from '@tanstack/react-router';
import { Page } from '../../components/page.tsx';
import { TabNav, type TabLink } from '../../components/tab-nav.tsx';
import { useCan } from '../../lib/session.ts';

/** What concerns the control plane itself; each part is shown to those who may see it. */
export function SettingsScreen() {
  const can = useCan();
  const tabs: readonly (TabLink | false)[] = [
    { to: '/settings', label: 'Appearance', exact: true },
    can('keys:read') && { to: '/settings/keys', label: 'API keys' },
    can('sessions:read') && { to: '/settings/sessions', label: 'Sessions' },
    can('cells:read') && { to: '/settings/cells', label: 'Cells' },
    can('readers:read') && { to: '/settings/readers', label: 'Break-glass' },
    can('settings:read') && { to: '/settings/options', label: 'Options' },
  ];
  return (
    <Page title="Settings">
      <TabNav label="Parts of the settings" tabs={tabs.filter((tab) => tab !== false)} />
      <Outlet />
    </Page>
  );
}
