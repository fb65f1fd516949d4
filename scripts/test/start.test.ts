import type { ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ended, Workspace } from './workspace.ts';

/** The first words on stderr that are not about installing. */
async function serverIsReady(child: ChildProcess): Promise<void> {
  for await (const chunk of on(child.stderr ?? child, 'data')) {
    if (String(chunk[0]).includes('ready')) return;
  }
}

describe('npm start', () => {
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
    workspace.write(
      'packages/server/bin/tenantry.mjs',
      `console.log(JSON.stringify(process.argv.slice(2)));`,
    );
  });
  afterEach(() => workspace.remove());

  test('installs once, and passes its arguments on', async () => {
    const first = await workspace.run('start.mjs', '--port', '7 7');
    expect(first.code).toBe(0);
    expect(first.lines.at(-1)).toBe('["up","--port","7 7"]');
    expect(await workspace.run('start.mjs')).toEqual({ code: 0, lines: ['["up"]'] });
    expect(workspace.installs).toBe(1);
  });

  test('installs again when package-lock.json asks for something else', async () => {
    await workspace.run('start.mjs');
    workspace.changeLockfile();
    await workspace.run('start.mjs');
    expect(workspace.installs).toBe(2);
  });

  test('started four times at once, installs once', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => workspace.run('start.mjs')));
    expect(all.map(({ code, lines }) => [code, lines.at(-1)])).toEqual(all.map(() => [0, '["up"]']));
    expect(workspace.installs).toBe(1);
  });

  test('shows what npm said when installing fails', async () => {
    workspace.write('broken', '');
    const { code, lines } = await workspace.run('start.mjs');
    expect(code).toBe(1);
    expect(lines).toContain('E404 no such package');
    expect(lines.at(-1)).toContain('npm ci failed with exit code 1');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'hands %s on once and ends with the exit code of the server',
    async (signal) => {
      workspace.write(
        'packages/server/bin/tenantry.mjs',
        `let count = 0;
       const keep = setInterval(() => {}, 60_000);
       process.on('${signal}', () => {
         count += 1;
         clearInterval(keep);
         console.log('${signal}', count);
         process.exitCode = 9;
       });
       console.error('ready');`,
      );
      const child = workspace.start('start.mjs');
      const end = ended(child);
      await serverIsReady(child);
      child.kill(signal);
      const { code, lines } = await end;
      expect([code, ...lines.slice(-2)]).toEqual([9, 'ready', `${signal} 1`]);
    },
  );
});
