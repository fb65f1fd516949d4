import type { ReactNode } from 'react';
import { Page } from '../../components/page.tsx';
import { TabNav, type TabLink } from '../../components/tab-nav.tsx';

const tabs = [
  { to: '/docs/reference', label: 'API reference' },
  { to: '/docs/snippets', label: 'Snippets' },
  { to: '/docs/playground', label: 'Isolation playground' },
] as const satisfies readonly TabLink[];

interface FrameProps {
  readonly tab: (typeof tabs)[number]['label'];
  readonly children: ReactNode;
}

/** What the developers' screens have in common. */
export function DevelopersFrame({ tab, children }: FrameProps) {
  return (
    <Page
      title={`Developers: ${tab === 'API reference' ? tab : tab.toLowerCase()}`}
      heading="Developers"
      description="The API with a form for every call, code for your stack that tests have run, and PostgreSQL itself to try."
    >
      <TabNav label="Developers" tabs={tabs} />
      {children}
    </Page>
  );
}
