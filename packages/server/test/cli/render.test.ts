import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { printTable } from '../../src/cli/render.ts';
import { eventBatches } from '../../src/cli/sse.ts';
import { formatMs, parseDuration, relativeTime } from '../../src/cli/time.ts';
import { cut, printable, textWidth } from '../../src/cli/width.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });

function table(rows: readonly (readonly string[])[], columns: number | undefined): string[] {
  let written = '';
  const stream = {
    write: (part: string) => (written += part),
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  };
  const host = {
    stdout: stream,
    stderr: stream,
    env: { NO_COLOR: '1' },
    sample: { seedFile: '' },
    up: () => Promise.resolve(0),
  };
  const titles = ['first', 'second', 'third', 'fourth'];
  const out = createOutput(host, { json: false, quiet: false });
  const spec = titles.map((title, at) => ({
    title,
    value: (row: readonly string[]) => row[at]!,
    min: 5,
    drop: at + 1,
  }));
  printTable(out, rows, spec, 'none');
  return written.trimEnd().split('\n');
}

test('a table never is wider than its terminal, and a row is a line whatever is in it', () => {
  const row = fc.tuple(text, text, text, text);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 12, max: 120 }),
      (rows, columns) => {
        const lines = table(rows, columns);
        expect(lines.length).toBeLessThanOrEqual(rows.length + 1);
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

test('a table that is piped is whole', () => {
  const long = 'x'.repeat(500);
  expect(table([[long, 'b', 'c', 'd']], undefined)[1]).toBe(`${long}  b       c      d`);
});

test('columns are aligned where characters are wide or have no width', () => {
  const [, wide, narrow, marked] = table(
    [
      ['東京', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
      ['e\u0301', 'b', 'c', 'd'],
    ],
    80,
  );
  const before = (line: string) => textWidth(line.slice(0, line.indexOf('b')));
  expect([before(wide!), before(narrow!), before(marked!)]).toEqual([7, 7, 7]);
});

test('what is cut fits and says that it was cut', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (whole, width) => {
      const short = cut(whole, width);
      expect(textWidth(short)).toBeLessThanOrEqual(Math.max(width, 1));
      if (short !== whole) expect(short.endsWith('…')).toBe(true);
    }),
  );
});

test('nothing that is printed can drive the terminal', () => {
  const hostile = fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '\u009b',
      '\u0007',
      '\r',
      '\n',
      '\t',
      '\u202e',
      '\u2066',
      'a',
      ' ',
      '[2J',
    ),
  });
  fc.assert(
    fc.property(hostile, (given) => {
      expect(printable(given)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      expect(printable(given, true).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test('events are read alike however the network cuts the stream', async () => {
  const stream =
    ': hello\n\nretry: 1000\n\nid: 1\nevent: operation.step\ndata: {"ä":1}\n\nid: 2\r\ndata: {}\r\n\r\nid: 3\ndata: {}\n\nid: 4\ndata: half';
  const bytes = new TextEncoder().encode(stream);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length }), { maxLength: 20 }), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const parts = edges.slice(1).map((end, at) => bytes.slice(edges[at], end));
      const seen: (string | undefined)[] = [];
      const body = new ReadableStream({
        start(controller) {
          for (const part of parts) controller.enqueue(part);
          controller.close();
        },
      });
      for await (const { lastEventId } of eventBatches(new Response(body))) seen.push(lastEventId);
      expect(seen.at(-1)).toBe('3');
      expect(seen).toEqual(seen.toSorted((a, b) => Number(a) - Number(b)));
    }),
  );
});

test('times', () => {
  expect([formatMs(3), formatMs(340.4), formatMs(2449), formatMs(200_000), formatMs(null)]).toEqual([
    '3 ms',
    '340 ms',
    '2.4 s',
    '3 min 20 s',
    '',
  ]);
  expect([parseDuration('--x', '500ms'), parseDuration('--x', '90s'), parseDuration('--x', '30d')]).toEqual([
    500, 90_000, 2_592_000_000,
  ]);
  const now = Date.parse('2026-01-10T00:00:00Z');
  const at = (iso: string) => relativeTime(iso, now);
  expect(at('2026-01-09T23:59:58Z')).toBe('just now');
  expect(at('2026-01-09T23:58:00Z')).toBe('2 min ago');
  expect(at('2026-01-17T00:00:00Z')).toBe('in 7 d');
});
