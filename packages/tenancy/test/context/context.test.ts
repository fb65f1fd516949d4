import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTenantId, TenantContext, type TenantId } from '../support/tenancy.ts';

const [a, b] = [newTenantId(), newTenantId()];
const context = new TenantContext();
const code = (fn: () => unknown): unknown => {
  try {
    fn();
    return 'no error';
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
};

test('there is no tenant outside, and work without one is refused', () => {
  expect(context.peek()).toBeUndefined();
  expect(code(() => context.current())).toBe('TENANT_CONTEXT_MISSING');
  expect(code(() => context.capture())).toBe('TENANT_CONTEXT_MISSING');
  expect(code(() => context.bind(() => {}))).toBe('TENANT_CONTEXT_MISSING');
});

test('it goes along through promises, timers, microtasks, streams and emitters that are made inside', async () => {
  await context.run(a, async () => {
    await later(1);
    expect(context.current()).toBe(a);
    await new Promise<void>((resolve) => {
      setImmediate(() => queueMicrotask(() => process.nextTick(resolve)));
    });
    expect(context.current()).toBe(a);
    const seen: (TenantId | undefined)[] = [];
    const stream = Readable.from([1, 2, 3]);
    stream.on('data', () => seen.push(context.peek()));
    await once(stream, 'end');
    expect(seen).toEqual([a, a, a]);
  });
});

test('an emitter called from nobody’s work has no tenant, unless the listener is bound', () => {
  const emitter = new EventEmitter();
  const seen: (TenantId | undefined)[] = [];
  context.run(a, () => {
    emitter.on('event', () => seen.push(context.peek()));
    emitter.on(
      'event',
      context.bind(() => seen.push(context.peek())),
    );
  });
  emitter.emit('event');
  expect(seen).toEqual([undefined, a]);
});

test('a bound function keeps its tenant inside the work of another', () => {
  const bound = context.run(a, () => context.bind((x: number) => [context.current(), x]));
  expect(context.run(b, () => bound(7))).toEqual([a, 7]);
});

test('another tenant inside is a conflict; the same one is not, and neither is leaving first', () => {
  context.run(a, () => {
    expect(code(() => context.run(b, () => 0))).toBe('TENANT_CONTEXT_CONFLICT');
    expect(context.run(a, () => context.current())).toBe(a);
    expect(context.exit(() => context.run(b, () => context.current()))).toBe(b);
    expect(context.exit(() => context.peek())).toBeUndefined();
    expect(context.current()).toBe(a);
  });
});

test('a job carries its tenant as JSON; one that carries none does not run', () => {
  const payload = JSON.stringify(context.run(a, () => context.capture()));
  expect(context.restore(JSON.parse(payload), () => context.current())).toBe(a);
  for (const broken of [null, undefined, {}, { tenant: 1 }, { tenant: `${a},${b}` }, { tenant: '' }])
    expect(code(() => context.restore(broken as never, () => 0))).toBe('TENANT_CONTEXT_MISSING');
});

test('only what has the form of an id can become a tenant', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom(`x,${b}`, 'z"; create table t ()', 'public', 'none')),
      (text) => {
        expect(code(() => context.run(text as TenantId, () => 0))).toBe('TENANT_NOT_FOUND');
      },
    ),
  );
});

test('however the work of two tenants is interleaved, each part sees its own', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom(a, b), { minLength: 2, maxLength: 8 }),
      async (s, who) => {
        const works = who.map((tenant) =>
          context.run(tenant, async () => {
            for (let step = 0; step < 3; step++) {
              await s.schedule(Promise.resolve());
              expect(context.current()).toBe(tenant);
            }
          }),
        );
        await s.waitAll();
        await Promise.all(works);
      },
    ),
    { numRuns: 40 },
  );
});
