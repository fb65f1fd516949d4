import type { EventMessage } from '@tenantry/contract';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { baseUrl } from '../base.ts';
import type { LiveNews } from './events.ts';

/** The server says something every 15 s; after two missed words the connection is taken for dead. */
const silenceMs = 35_000;
const slowestRetryMs = 10_000;

/** The stream refused for good: signed out, or not allowed. */
class RefusedError extends Error {}

/**
 * Reads the event stream until `signal` is aborted, and reconnects after the last event that it has seen. A stream that is read with
 * fetch instead of EventSource knows every event by its own name, sees a refusal, and notices a silent connection.
 */
export async function followStream(
  lastId: () => string | undefined,
  tell: (news: LiveNews) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await readOnce(lastId(), signal, (news) => {
        failures = 0;
        tell(news);
      });
      failures += 1;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RefusedError) {
        tell({ kind: 'status', status: 'off' });
        return;
      }
      failures += 1;
    }
    if (signal.aborted) return;
    tell({ kind: 'status', status: 'reconnecting' });
    await pause(Math.min(slowestRetryMs, 250 * 2 ** Math.min(failures, 6)), signal);
  }
}

async function readOnce(
  lastId: string | undefined,
  signal: AbortSignal,
  tell: (news: LiveNews) => void,
): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  try {
    const response = await fetch(`${baseUrl}/v1/events`, {
      headers: { accept: 'text/event-stream', ...(lastId ? { 'last-event-id': lastId } : {}) },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.status === 401 || response.status === 403) throw new RefusedError();
    if (!response.ok || !response.body) throw new Error(`The event stream answered ${response.status}`);
    tell({ kind: 'status', status: 'live' });
    const text = response.body.pipeThrough(new TextDecoderStream());
    const events = text.pipeThrough(new EventSourceParserStream({ onComment: heard }));
    for await (const event of events) {
      heard();
      if (event.event === 'resync') tell({ kind: 'resync', id: event.id ?? '' });
      else tell({ kind: 'event', message: JSON.parse(event.data) as EventMessage });
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, but not when the network has come back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
