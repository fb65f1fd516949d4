import { ApiError, problems, type ProblemCode } from '@tenantry/contract';
import { exitCodeOf, exitCodes } from '../../packages/server/src/cli/exit.ts';
import { code, plain, table } from './markdown.ts';

/** Every problem code, its HTTP status, and the exit code of a command that meets it. */
export function renderErrors(): string {
  const codes = (Object.keys(problems) as ProblemCode[]).toSorted();
  const rows = codes.map((name) => {
    const { status, title } = problems[name];
    return [code(name), String(status), exitOf(name), plain(title)];
  });
  return [
    'A problem body is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). `code` is stable; titles may be reworded. ' +
      'The same codes stand in `error.code` of an operation and in the audit trail. What to do about each: [operations, troubleshooting](../operations.md#troubleshooting-by-error-code).',
    table(['Code', 'HTTP', 'Exit code', 'Title'], rows),
    `The exit code is that of a command whose request is refused. A command that waited for an operation which failed exits with ${exitCodes.failed}, whatever the operation's code.`,
  ].join('\n\n');
}

function exitOf(name: ProblemCode): string {
  const { status, title } = problems[name];
  return String(exitCodeOf(new ApiError({ type: 'about:blank', title, status, code: name })));
}
