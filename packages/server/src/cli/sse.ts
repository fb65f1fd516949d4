/**
 * Reads a stream of server-sent events. Gives, for every piece that the network delivered with a whole event in it, the
 * number of the last one, to resume after: what happened is read from its source, the event only says that it did.
 */
export async function* eventBatches(
  response: Response,
): AsyncGenerator<{ readonly lastEventId: string | undefined }> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  let lastEventId: string | undefined;
  let pending: string | undefined;
  let hasData = false;
  for await (const bytes of response.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n/);
    rest = lines.pop()!;
    let complete = false;
    for (const line of lines) {
      if (line.startsWith('id:')) pending = line.slice(3).trim();
      else if (line.startsWith('data:')) hasData = true;
      else if (line === '') {
        // An event counts when its empty line has come: resuming after half of one would lose it.
        lastEventId = pending ?? lastEventId;
        complete ||= hasData;
        hasData = false;
      }
    }
    if (complete) yield { lastEventId };
  }
}

/** One message of a stream of server-sent events. */
export interface StreamMessage {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** The messages of a stream, each when its empty line has come. */
export async function* messages(response: Response): AsyncGenerator<StreamMessage> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => {
          const [name, ...value] = line.split(':');
          return [name, value.join(':').trim()];
        }),
      );
      const data = fields.get('data');
      if (data !== undefined) yield { id: fields.get('id'), event: fields.get('event') ?? 'message', data };
    }
  }
}
