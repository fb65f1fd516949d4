import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exampleApis, exampleFiles } from '../../../../scripts/lib/examples.ts';
import { writeProject } from '../../src/scaffold/index.ts';
import { commandLine } from '../cli/support.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { modules, root, run, toolEnv } from './support.ts';

let server: TestServer;
let env: Record<string, string>;
/**
 * The workspace again, with nothing in it but the examples: what `npm start` generates and builds would be taken away from
 * under the examples' own tests, which run at the same time.
 */
let workspace: string;
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'tenantry workspace '));
  await symlink(modules, join(workspace, 'node_modules'));
  await copyFile(join(root, 'package.json'), join(workspace, 'package.json'));
  for (const [framework, library] of exampleApis)
    await writeProject(workspace, await exampleFiles(framework, library));
  server = await startTestServer();
  env = { ...toolEnv(), TENANTRY_URL: server.url, TENANTRY_HOME: server.home, PORT: '0' };
  for (const slug of ['acme', 'globex'])
    expect(await commandLine(server)(['tenant', 'create', slug])).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await rm(workspace, { recursive: true, force: true });
});

interface Started {
  readonly npm: ChildProcess;
  readonly url: string;
  /** The command that it proposes for a token, without the tenant's name. */
  readonly token: string;
}

const children: ChildProcess[] = [];
// Only what a failed test has left behind; npm hands the signal on.
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGTERM');
});

/** `npm start --workspace examples/…`, until it says where it serves. */
async function start(folder: string): Promise<Started> {
  const npm = spawn('npm', ['start', '--workspace', folder], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(npm);
  return new Promise((resolve, reject) => {
    let said = '';
    const take = (text: string): void => {
      said += text;
      const url = /serves at (http:\S+)/.exec(said)?.[1];
      const token = /\$\((npm run .*?) acme\)/.exec(said)?.[1];
      if (url !== undefined && token !== undefined) resolve({ npm, url, token });
    };
    npm.stdout.setEncoding('utf8').on('data', take);
    npm.stderr.setEncoding('utf8').on('data', take);
    npm.once('close', (code) => reject(new Error(`npm start ended (${code}) before it served:\n${said}`)));
  });
}

describe.each(exampleApis)('%s with %s', (framework, library) => {
  test('starts with one command, serves two tenants of a control plane, and stops', async () => {
    const { npm, url, token } = await start(`examples/${framework}-${library}`);
    const call = async (slug: string, method: string, path: string, body?: object) => {
      // As it is printed: it is there to be pasted.
      const said = await run('sh', ['-c', `${token} ${slug}`], workspace, env);
      const headers = { authorization: `Bearer ${said.output.trim()}`, 'content-type': 'application/json' };
      return fetch(url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    };
    const created = await call('acme', 'POST', '/accounts', { name: 'of acme' });
    expect(created.status).toBe(201);
    const account = (await created.json()) as { id: string };
    const lists = await Promise.all(['acme', 'globex'].map((slug) => call(slug, 'GET', '/accounts')));
    expect(await Promise.all(lists.map((list) => list.json()))).toEqual([
      { items: expect.arrayContaining([account]), next: null },
      { items: [], next: null },
    ]);
    expect((await call('globex', 'GET', `/accounts/${account.id}`)).status).toBe(404);
    expect((await fetch(`${url}/accounts`)).status).toBe(401);
    expect((await fetch(`${url}/health`)).status).toBe(200);

    const ended = once(npm, 'close');
    npm.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
  }, 120_000);
});

test('without a control plane it says what is missing', async () => {
  const production = { NODE_ENV: 'production', TENANTRY_URL: '', APP_SECRET: 'x'.repeat(32) };
  const main = `${workspace}/examples/fastify-kysely/src/main.ts`;
  const ended = await run(process.execPath, [main], workspace, { ...env, ...production });
  expect(ended).toEqual({ code: 1, output: expect.stringMatching(/^TENANTRY_URL is not set/) });
});

test.each([
  [{ NODE_ENV: 'production', APP_SECRET: '' }, /^APP_SECRET is not set\. Make one: /],
  [{ APP_SECRET: 'too short' }, /^APP_SECRET is shorter than 32 characters/],
])('a secret that will not do is refused: %j', async (given, message) => {
  const main = `${workspace}/examples/fastify-kysely/src/main.ts`;
  const ended = await run(process.execPath, [main], workspace, { ...env, ...given });
  expect(ended).toEqual({ code: 1, output: expect.stringMatching(message) });
});
