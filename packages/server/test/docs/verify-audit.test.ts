import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

const script = fileURLToPath(new URL('../../../../docs/examples/verify-audit.mjs', import.meta.url));

let server: TestServer;
let directory: string;
let lines: readonly string[];
let head: string;

beforeAll(async () => {
  server = await startTestServer();
  directory = await mkdtemp(join(tmpdir(), 'tenantry audit '));
  // Texts whose length in bytes is not their length in characters, and what JSON escapes.
  const { admin } = server;
  const { operation } = await admin.call('createTenant', {
    body: { slug: 'zoe', name: 'Zoë "&" Söhne 🎻 \\ GmbH', labels: { '10': 'ä', '2': 'b' } },
  });
  await server.finished(operation.id);
  const params = { tenant: 'zoe' };
  await admin.call('suspendTenant', { params, body: { reason: 'unbezahlt – 3 €\n"mahnen"' } });
  await admin.call('resumeTenant', { params, body: { reason: '' } });
  lines = (await (await admin.open('exportAudit', {})).text()).trimEnd().split('\n');
  ({ head } = await admin.call('verifyAudit', {}));
});

afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Runs the example of the documentation on an export of these lines. */
async function verify(
  name: string,
  exported: readonly string[],
  noted?: string,
): Promise<{ readonly code: number; readonly said: string }> {
  const file = join(directory, `${name}.jsonl`);
  await writeFile(file, `${exported.join('\n')}\n`);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script, file, ...(noted === undefined ? [] : [noted])],
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, said: `${stdout}${stderr}`.trim() });
      },
    );
  });
}

describe('docs/examples/verify-audit.mjs', () => {
  test('finds that an export fits, and its head is the head that PostgreSQL computes', async () => {
    expect(lines.length).toBeGreaterThan(5);
    expect(await verify('whole', lines)).toEqual({
      code: 0,
      said: `${lines.length} rows fit. Head: ${head}`,
    });
  });

  test('finds a head that was noted earlier', async () => {
    const { hash } = JSON.parse(lines[2]!) as { readonly hash: string };
    expect(await verify('noted', lines, hash)).toMatchObject({ code: 0 });
  });

  test('names a row that was changed', async () => {
    const changed = lines.with(3, lines[3]!.replace('Söhne', 'Sohn'));
    expect(changed).not.toEqual(lines);
    expect(await verify('changed', changed)).toMatchObject({
      code: 1,
      said: expect.stringContaining('Row 4 was changed'),
    });
  });

  test('names a row that is missing', async () => {
    expect(await verify('missing', lines.toSpliced(3, 1))).toMatchObject({
      code: 1,
      said: expect.stringContaining('Row 4 is missing'),
    });
  });

  test('finds with a noted head that the end was cut off', async () => {
    const short = lines.slice(0, -1);
    expect(await verify('short', short)).toMatchObject({ code: 0 });
    expect(await verify('cut', short, head)).toMatchObject({
      code: 1,
      said: expect.stringContaining('The noted head is not in this chain'),
    });
  });
});
