import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, UnreachableError, type Client, type Operation } from '@tenantry/contract';
import { eventBatches } from './sse.ts';

export interface WatchOptions {
  /** Ends the watching, with its reason as the error. */
  readonly signal: AbortSignal;
  /** How long the control plane may be away, in milliseconds: a restart takes seconds and operations survive it. */
  readonly patience?: number;
}

// A stream without a byte for this long is taken for dead: a connection can break without either end being told.
const silence = 30_000;
// The operation is read again after this much quiet, so that an event that got lost costs seconds and not the whole wait.
const rereadAfter = 3000;

/** True when nothing will happen to an operation any more. */
export function isFinished(operation: Operation): boolean {
  return operation.state === 'succeeded' || operation.state === 'failed' || operation.state === 'cancelled';
}

/**
 * Gives an operation each time it has changed, the finished one last. Listens to the event stream, resumes it after its
 * last event when it breaks, and reads the operation itself in between, so nothing is lost where no stream gets through.
 * Throws ApiError (OPERATION_NOT_FOUND), or UnreachableError when the control plane stays away.
 */
export async function* watchOperation(
  client: Client,
  id: string,
  options: WatchOptions,
): AsyncGenerator<Operation> {
  const { signal } = options;
  const read = () =>
    patiently(
      () => client.call('getOperation', { params: { operation: id }, signal }),
      signal,
      options.patience,
    );
  let operation = await read();
  yield operation;
  let lastEventId: string | undefined;
  for (let pause = 100; !isFinished(operation); pause = Math.min(pause * 2, 2000)) {
    const stream = await openStream(client, id, lastEventId, signal);
    try {
      // What happened between the last read and the opening is not in the stream.
      operation = await read();
      yield operation;
      if (isFinished(operation)) return;
      for await (const batch of stream ? withTicks(stream.batches, rereadAfter) : []) {
        lastEventId = batch?.lastEventId ?? lastEventId;
        pause = 100;
        operation = await read();
        yield operation;
        if (isFinished(operation)) return;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiError || error instanceof UnreachableError) throw error;
      // The stream broke; the next round reads again and resumes it.
    } finally {
      stream?.close();
    }
    await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

interface Stream {
  readonly batches: AsyncIterable<{ readonly lastEventId: string | undefined }>;
  close(): void;
}

async function openStream(
  client: Client,
  id: string,
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<Stream | undefined> {
  const abort = new AbortController();
  let watchdog = setTimeout(() => abort.abort(), silence);
  const close = () => {
    clearTimeout(watchdog);
    abort.abort();
  };
  try {
    const response = await client.open('listenEvents', {
      query: { topics: `operation:${id}` },
      signal: AbortSignal.any([signal, abort.signal]),
      ...(lastEventId === undefined ? {} : { headers: { 'last-event-id': lastEventId } }),
    });
    const body = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          clearTimeout(watchdog);
          watchdog = setTimeout(() => abort.abort(), silence);
          controller.enqueue(chunk);
        },
      }),
    );
    return { batches: eventBatches(new Response(body ?? null)), close };
  } catch {
    // Whatever is wrong with the stream, reading the operation says it better, or works.
    close();
    signal.throwIfAborted();
    return undefined;
  }
}

/** The items as they come, and undefined whenever none has come for `ms`. */
async function* withTicks<T>(items: AsyncIterable<T>, ms: number): AsyncGenerator<T | undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  // Looked at below or never: what breaks after the last look is nobody's concern.
  next.catch(() => undefined);
  for (;;) {
    const quiet = new AbortController();
    const tick = delay(ms, undefined, { signal: quiet.signal }).catch(() => undefined);
    const result = await Promise.race([next, tick]).finally(() => quiet.abort());
    if (result?.done) return;
    yield result?.value;
    if (result) {
      next = iterator.next();
      next.catch(() => undefined);
    }
  }
}

async function patiently<T>(act: () => Promise<T>, signal: AbortSignal, patience = 30_000): Promise<T> {
  const until = Date.now() + patience;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await act();
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error) || Date.now() + pause > until) throw error;
      await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof UnreachableError || error instanceof TypeError) return true;
  return error instanceof ApiError && (error.problem.status >= 502 || error.problem.status === 429);
}
