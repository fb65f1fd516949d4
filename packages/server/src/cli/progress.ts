import type { Operation } from '@tenantry/contract';
import type { CliStream } from './host.ts';
import type { Output } from './output.ts';
import { formatMs } from './time.ts';
import { cut, printable } from './width.ts';

/** One line on stderr that is rewritten while something is waited for. Shows nothing where stderr is no terminal. */
export interface Progress {
  show(text: string): void;
  /** Takes the line away. May be called twice. */
  stop(): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const clearLine = '\r\u001b[2K';

/** Starts a progress line; `stop` it in a `finally`. */
export function startProgress(out: Output, stderr: CliStream): Progress {
  if (!out.live) return { show: () => undefined, stop: () => undefined };
  const start = Date.now();
  let text = '';
  let frame = 0;
  const draw = () => {
    frame = (frame + 1) % frames.length;
    const line = cut(
      `${frames[frame]} ${formatMs(Date.now() - start)}  ${printable(text)}`,
      (stderr.columns ?? 80) - 1,
    );
    out.complain(clearLine + line);
  };
  const timer = setInterval(draw, 100);
  timer.unref();
  let stopped = false;
  return {
    show(next) {
      text = next;
      if (!stopped) draw();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      out.complain(clearLine);
    },
  };
}

/** Where an operation is, in a line: `acme 2/4: Run the migrations`. */
export function describeProgress(operation: Operation): string {
  const { done, total } = operation.progress;
  const step = operation.steps.find(({ state }) => state === 'running');
  const what = step?.title ?? (operation.state === 'queued' ? 'Waiting for its turn' : operation.state);
  return `${operation.tenantSlug ?? operation.id} ${done}/${total}: ${what}`;
}
