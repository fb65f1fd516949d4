import { spawn } from 'node:child_process';

/** A command of a page, and what the page says that it prints. */
export interface Command {
  /** `docs/page.md:12`. */
  readonly at: string;
  readonly text: string;
  readonly output: readonly string[];
}

/**
 * The commands of a page's `console` blocks: lines that begin with `$ `. A block whose fence says `no-run` shows what cannot be
 * run here.
 */
export function commandsOf(path: string, page: string): readonly Command[] {
  const commands: { at: string; text: string; output: string[] }[] = [];
  let fence: string | undefined;
  let isRun = false;
  for (const [i, raw] of page.split('\n').entries()) {
    const line = raw.trimStart();
    if (fence === undefined) {
      fence = /^(`{3,})console\b/.exec(line)?.[1];
      isRun = !line.includes('no-run');
    } else if (line === fence) fence = undefined;
    else if (!isRun) continue;
    else if (line.startsWith('$ '))
      commands.push({ at: `${path}:${i + 1}`, text: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(raw);
  }
  return commands;
}

/**
 * Whether a command printed what the page says. `…` stands for anything within a line, alone in a line for any lines; ids of
 * tenants are like each other.
 */
export function matches(said: string, expected: readonly string[]): boolean {
  const pattern = expected.map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${lineOf(line)}\n`)).join('');
  return new RegExp(`^${pattern}$`).test(`${said.trimEnd()}\n`);
}

function lineOf(line: string): string {
  return line
    .split(/(…|t_[a-z2-7]{12})/)
    .map((part, i) => {
      if (i % 2 === 0) return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      return part === '…' ? '.*' : 't_[a-z2-7]{12}';
    })
    .join('');
}

/** What a command prints, and how it ends. Errors of npm about its own configuration are no part of it. */
export function run(
  text: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly said: string; readonly complained: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [said, complained] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (more: string) => (said += more));
    child.stderr.setEncoding('utf8').on('data', (more: string) => (complained += more));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said, complained }));
  });
}
