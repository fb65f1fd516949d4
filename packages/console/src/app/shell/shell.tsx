import { Box, Flex } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, lazy, useEffect, useRef, useState } from 'react';
import { LiveProvider } from '../../lib/live/live.tsx';
import { sessionQuery } from '../../lib/session.ts';
import { useCommand } from '../../lib/shortcuts/use-command.ts';
import { useNarrow } from '../../lib/use-media.ts';
import { NavCommands } from './nav-commands.tsx';
import { Sidebar } from './sidebar.tsx';
import { SkipLink } from './skip-link.tsx';

const MobileBar = lazy(() => import('./mobile-bar.tsx'));
const Palette = lazy(() => import('./palette.tsx'));
const ShortcutSheet = lazy(() => import('./shortcut-sheet.tsx'));

/** The frame of every screen: navigation, live channel, palette, help sheet. */
export function Shell() {
  const { data: me } = useQuery(sessionQuery);
  // Signed out: the router is on its way to where one signs in.
  if (!me) return null;
  return (
    <LiveProvider who={me.actor.id}>
      <Frame />
    </LiveProvider>
  );
}

function Frame() {
  const narrow = useNarrow();
  const [overlay, setOverlay] = useState<'palette' | 'shortcuts'>();
  const openPalette = () => setOverlay('palette');
  useCommand({
    id: 'palette',
    label: 'Search and commands',
    group: 'General',
    keys: 'mod+k',
    keysOnly: true,
    run: openPalette,
  });
  useCommand({
    id: 'shortcuts',
    label: 'Keyboard shortcuts',
    group: 'General',
    keys: '?',
    run: () => setOverlay('shortcuts'),
  });
  return (
    <>
      <SkipLink />
      <NavCommands />
      <Flex direction={{ base: 'column', md: 'row' }} minH="100dvh">
        {narrow ? (
          <Suspense fallback={<Box h="14" />}>
            <MobileBar onSearch={openPalette} />
          </Suspense>
        ) : (
          <Sidebar onSearch={openPalette} />
        )}
        <Main />
      </Flex>
      <Suspense>
        {overlay === 'palette' && <Palette onClose={() => setOverlay(undefined)} />}
        {overlay === 'shortcuts' && <ShortcutSheet onClose={() => setOverlay(undefined)} />}
      </Suspense>
    </>
  );
}

/** Takes the focus when the page changes, so that a screen reader reads the new one and Tab begins in it. */
function Main() {
  const main = useRef<HTMLDivElement>(null);
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    const first = shown.current === undefined;
    shown.current = path;
    if (!first) main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <Box as="main" id="main" ref={main} tabIndex={-1} flex="1" minW="0" outline="none" bg="bg">
      <Outlet />
    </Box>
  );
}
