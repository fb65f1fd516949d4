import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = fileURLToPath(new URL('..', import.meta.url));

/** How a command ended. `lines` are those of stdout and stderr that are not empty. */
export interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** A small workspace in a path with a space: the real `scripts`, and stand-ins for npm and for the tools. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), 'work space '));

  constructor() {
    cpSync(scripts, join(this.root, 'scripts'), { recursive: true });
    this.write('package-lock.json', lockfile('1.0.0'));
    // Stands in for npm: notes that it ran, and leaves behind what npm ci leaves.
    this.write(
      'npm-cli.js',
      `const fs = require('node:fs');
       fs.appendFileSync('installs', process.argv.slice(2).join(' ') + '\\n');
       if (fs.existsSync('broken')) { console.error('E404 no such package'); process.exit(1); }
       fs.mkdirSync('node_modules/.bin', { recursive: true });
       fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`,
    );
    mkdirSync(join(this.root, 'node_modules', '.bin'), { recursive: true });
    symlinkSync(process.execPath, join(this.root, 'node_modules', '.bin', 'node'));
  }

  /** Writes a file; the path is relative to the workspace. */
  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** How often npm ci ran. */
  get installs(): number {
    return readFileSync(join(this.root, 'installs'), 'utf8').trim().split('\n').length;
  }

  /** Asks for another version of a package than the one that is installed. */
  changeLockfile(): void {
    this.write('package-lock.json', lockfile('1.0.1'));
  }

  /** Starts `scripts/<name>`; its stdin is no terminal. */
  start(name: 'start.mjs' | 'test.mjs', ...args: readonly string[]): ChildProcess {
    const { npm_lifecycle_event: _npm, ...env } = process.env;
    return spawn(process.execPath, [join(this.root, 'scripts', name), ...args], {
      env: { ...env, npm_execpath: join(this.root, 'npm-cli.js') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs `scripts/<name>` to its end. */
  run(name: 'start.mjs' | 'test.mjs', ...args: readonly string[]): Promise<Ended> {
    return ended(this.start(name, ...args));
  }

  /** Deletes the workspace. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Resolves when the process has ended and its output is complete. */
export function ended(child: ChildProcess): Promise<Ended> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const text = Buffer.concat(chunks).toString('utf8');
      resolve({ code, lines: text.split('\n').filter((line) => line !== '') });
    });
  });
}

const lockfile = (version: string): string =>
  JSON.stringify({
    packages: {
      '': { name: 'workspace' },
      'node_modules/tool': { version, integrity: `sha512-${version}` },
    },
  });
