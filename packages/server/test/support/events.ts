import type { Client, EventMessage, ListenEvents } from '@tenantry/contract';

/** One message of the stream as it came. */
export interface Received {
  readonly id: string;
  readonly event: string;
  readonly data: Partial<EventMessage>;
}

/** The event stream, read as a browser reads it. */
export interface Listening {
  readonly response: Response;
  /** Everything that has come so far. */
  readonly received: readonly Received[];
  readonly comments: readonly string[];
  /** Waits until something that has come fits. */
  until(fits: (message: Received) => boolean): Promise<Received>;
  /** Waits until the server ends the stream. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Opens the stream and returns when the server has said its first line. */
export async function listen(
  client: Client,
  query: ListenEvents = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Listening> {
  const response = await client.open('listenEvents', { query, headers });
  const reader = response.body!.getReader();
  const received: Received[] = [];
  const comments: string[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  const first = Promise.withResolvers<void>();
  const ended = (async () => {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += decoder.decode(value, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) take(block, received, comments);
        first.resolve();
        for (const look of waiting) look();
      }
    } catch {
      // The connection was cut: the same as an end.
    } finally {
      over = true;
      first.resolve();
      for (const look of waiting) look();
    }
  })();
  await first.promise;
  return {
    response,
    received,
    comments,
    ended,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = received.find(fits);
          if (found === undefined && !over) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error('The event stream ended before what was waited for came.'));
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      await reader.cancel();
      await ended;
    },
  };
}

function take(block: string, received: Received[], comments: string[]): void {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) comments.push(line);
    else fields.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim());
  }
  const data = fields.get('data');
  if (data === undefined) return;
  received.push({
    id: fields.get('id') ?? '',
    event: fields.get('event') ?? 'message',
    data: JSON.parse(data) as Partial<EventMessage>,
  });
}
