import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import {
  createContext,
  use,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import type { EventMessage } from '@tenantry/contract';
import { LiveChannel } from './channel.ts';
import type { LiveStatus } from './events.ts';
import { CachePatcher } from './patches.ts';

/** While the stream is away, what is shown is read again this often. */
const pollMs = 5_000;

interface Live {
  readonly channel: LiveChannel;
  readonly paused: boolean;
  readonly setPaused: (paused: boolean) => void;
}

const LiveContext = createContext<Live | null>(null);

/** Keeps the cached answers of everything below it up to date. `who` is the signed-in person. */
export function LiveProvider({ who, children }: { readonly who: string; readonly children: ReactNode }) {
  const queries = useQueryClient();
  const channel = useMemo(() => new LiveChannel(who), [who]);
  const [paused, setPaused] = useState(false);

  useEffect(() => {
    if (paused) return undefined;
    const leave = patchFrom(channel, queries);
    channel.start();
    return () => {
      leave();
      channel.stop('paused');
    };
  }, [channel, queries, paused]);

  const live = useMemo(() => ({ channel, paused, setPaused }), [channel, paused]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

function patchFrom(channel: LiveChannel, queries: QueryClient): () => void {
  const patcher = new CachePatcher(queries);
  let polling: ReturnType<typeof setInterval> | undefined;
  const reload = () => void queries.invalidateQueries({ refetchType: 'active' });
  // A person who goes on after a pause wants to see what came meanwhile.
  let wasAway = false;
  const leave = channel.subscribe((news) => {
    if (news.kind === 'event') patcher.apply(news.message);
    else if (news.kind === 'resync') reload();
    else if (news.status === 'live') {
      clearInterval(polling);
      polling = undefined;
      if (wasAway) reload();
      wasAway = false;
    } else if (news.status === 'reconnecting') {
      wasAway = true;
      polling ??= setInterval(reload, pollMs);
    }
  });
  return () => {
    clearInterval(polling);
    leave();
  };
}

function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error('useLive needs a LiveProvider above it.');
  return live;
}

/** How the live channel is, and the switch that pauses it. */
export function useLiveStatus(): {
  readonly status: LiveStatus;
  readonly paused: boolean;
  readonly setPaused: (paused: boolean) => void;
} {
  const { channel, paused, setPaused } = useLive();
  const status = useSyncExternalStore(
    (changed) => channel.subscribe((news) => news.kind === 'status' && changed()),
    () => channel.status,
  );
  return { status: paused ? 'paused' : status, paused, setPaused };
}

/** Calls `listener` for each event while the component is there. Give it a stable function. */
export function useLiveEvents(listener: (message: EventMessage) => void): void {
  const { channel } = useLive();
  useEffect(
    () =>
      channel.subscribe((news) => {
        if (news.kind === 'event') listener(news.message);
      }),
    [channel, listener],
  );
}
