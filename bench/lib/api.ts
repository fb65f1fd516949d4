import { createClient, type Client, type EventMessage, type Operation } from '@tenantry/contract';

/** A control plane's API with one event stream, on which the ends of operations are waited for. */
export interface Api {
  readonly client: Client;
  /** Creates a tenant and waits until its operation is finished. Throws an Error where it did not succeed. */
  create(slug: string): Promise<void>;
  /** Creates a tenant from the warm pool. Throws an Error where it was not in the pool, but had to be built. */
  claim(slug: string): Promise<void>;
  close(): Promise<void>;
}

interface Ended {
  readonly operation: string;
  readonly state: Operation['state'];
}

/** Connects; from then on nothing is asked again and again, as a person who watches does not. */
export async function openApi(plane: { readonly url: string; readonly token: string }): Promise<Api> {
  const client = createClient(plane);
  const ended = new Map<string, Operation['state']>();
  const waiting = new Map<string, (state: Operation['state']) => void>();
  const stream = await client.open('listenEvents', { query: { topics: 'operations' } });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const reading = readEvents(reader, ({ type, data }) => {
    if (!/^operation\.(?:succeeded|failed|cancelled)$/.test(type)) return;
    const { operation, state } = data as unknown as Ended;
    const tell = waiting.get(operation);
    if (tell) tell(state);
    else ended.set(operation, state);
  });
  return {
    client,
    async create(slug) {
      const { operation } = await client.call('createTenant', { body: { slug } });
      const state = operation.finishedAt === null ? await endOf(operation.id) : operation.state;
      if (state !== 'succeeded') throw new Error(`Creating ${slug} ended as ${state}.`);
    },
    async claim(slug) {
      const { operation } = await client.call('createTenant', { body: { slug } });
      if (operation.finishedAt === null) throw new Error('The warm pool of the benchmark is empty.');
    },
    async close() {
      await reader.cancel();
      await reading;
    },
  };

  function endOf(id: string): Promise<Operation['state']> {
    const known = ended.get(id);
    if (known) return Promise.resolve(known);
    return new Promise((resolve) => waiting.set(id, resolve));
  }
}

async function readEvents(
  reader: ReadableStreamDefaultReader<string>,
  onEvent: (event: EventMessage) => void,
): Promise<void> {
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = (rest + value).split('\n\n');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (data !== undefined && data !== '{}') onEvent(JSON.parse(data) as EventMessage);
    }
  }
}
