import { validate } from '../commands/validate.ts';
import { exitCodes } from './failure.ts';
import { logTo } from './log.ts';
import { printable } from './output.ts';
import type { Outcome, Run } from './run.ts';

/** `validate`: what does not agree is a result, not an error of the program, but fails as one. */
export async function runValidate({ out, configuration, connection }: Run): Promise<Outcome> {
  const result = await validate(await connection(), configuration.settings, logTo(out));
  const { validationSuccessful, errorDetails, invalidMigrations } = result;
  if (validationSuccessful) return { exitCode: exitCodes.ok, document: { ...result } };
  const { errorCode = 'VALIDATE_ERROR', errorMessage = '' } = errorDetails ?? {};
  const problems = invalidMigrations.map(({ code, script, message }) => `\n${script}: ${code}\n${message}`);
  out.error(printable([`${errorCode}: ${errorMessage}`, ...problems].join('\n')));
  return { exitCode: exitCodes.failed, document: { ...result } };
}
