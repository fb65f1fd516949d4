import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../packages/server/test/support/server.ts';
import { provision } from '../../../packages/server/test/support/tenant.ts';
import { startIssuer, type Issuer } from './issuer.ts';

const guides = fileURLToPath(new URL('..', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

let server: TestServer;
let issuer: Issuer;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  [server, issuer] = await Promise.all([startTestServer(), startIssuer()]);
  await provision(server, 'acme');
  await provision(server, 'globex');
  environment = {
    ...process.env,
    TENANTRY_URL: server.url,
    TENANTRY_TOKEN: server.token,
    TENANTRY_CREDENTIAL_KEY: await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8'),
    ISSUER: issuer.url,
    PORT: '0',
  };
});
afterAll(async () => {
  await server?.stop();
  await issuer?.close();
});

/** Starts a program, asks it as two tenants, and ends it as an operator does. */
async function tryProgram(file: string, key: string): Promise<void> {
  const program = spawn(process.execPath, [file], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await firstLine(program);
    const name = `account of acme in ${file}`;
    const headers = { ...(await issuer.token('acme')), 'content-type': 'application/json' };
    const made = await fetch(`${url}/accounts`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name, key }),
    });
    expect(made.status).toBe(201);
    expect(await (await fetch(`${url}/accounts`, { headers })).text()).toContain(name);
    expect(await (await fetch(`${url}/accounts`, { headers: await issuer.token('globex') })).json()).toEqual(
      [],
    );
    const ended = once(program, 'exit');
    program.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    program.kill('SIGKILL');
  }
}

async function firstLine(program: ChildProcess): Promise<string> {
  const lines = createInterface({ input: program.stdout! });
  const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string | undefined];
  if (line === undefined) throw new Error('The program ended before it said where it serves.');
  return line;
}

test.each([
  ['fastify-main.ts', 'FASTIFY'],
  ['express-main.ts', 'EXPRESS'],
  ['hono-main.ts', 'HONO'],
])('%s serves two tenants and ends when told', (file, key) => tryProgram(join(guides, file), key));

test('nestjs/main.ts does too, compiled with tsc, since Node does not run decorators', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tenantry-nest-'));
  try {
    symlinkSync(modules, join(directory, 'node_modules'));
    const tsc = spawn(
      join(modules, '.bin/tsc'),
      ['-p', join(guides, 'nestjs'), '--noEmit', 'false', '--rootDir', guides, '--outDir', directory],
      { stdio: 'inherit' },
    );
    expect(await once(tsc, 'exit')).toEqual([0, null]);
    await tryProgram(join(directory, 'nestjs/main.js'), 'NEST');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
