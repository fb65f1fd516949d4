import type { LogListener } from '../execute/log.ts';
import { printable } from './output.ts';
import type { Output } from './output.ts';

/** Shows the log of a command. */
export function logTo(out: Output): LogListener {
  return ({ level, message }) => {
    const text = printable(message);
    switch (level) {
      case 'DEBUG':
        out.trace(text);
        break;
      case 'INFO':
        out.info(text);
        break;
      case 'WARN':
        out.warn(text);
        break;
      case 'ERROR':
        out.error(text);
        break;
      default:
        level satisfies never;
    }
  };
}
