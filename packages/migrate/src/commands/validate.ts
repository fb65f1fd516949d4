import type { Client } from 'pg';

import type { LogListener } from '../execute/log.ts';
import type { MigrateSettings } from '../settings.ts';
import type { ValidateResult } from './results.ts';
import { withRun } from './run.ts';
import { validateRun } from './validation.ts';

/**
 * Compares the files with the history. What does not agree is in the result, not an error.
 *
 * @throws MigrateError what stands in the way of comparing: MIGRATION_DUPLICATE_VERSION, MIGRATION_ENCODING …
 * @example
 * ```ts
 * const { validationSuccessful, invalidMigrations } = await validate(client, { ...defaultSettings, schemas: ['shop'] });
 * // false [{ version: '2', code: 'CHECKSUM_MISMATCH', … }]
 * ```
 */
export async function validate(
  client: Client,
  settings: MigrateSettings,
  events?: LogListener,
): Promise<ValidateResult> {
  return withRun(client, settings, events, async (run) => {
    const { validation, warnings } = await validateRun(run, false);
    const { ok, count, invalid, message } = validation;
    const missing = !ok && invalid.length === 0;
    return {
      operation: 'validate',
      success: ok,
      database: run.session.database,
      warnings,
      validationSuccessful: ok,
      validateCount: count,
      errorDetails: ok
        ? null
        : missing
          ? { errorCode: 'SCHEMA_DOES_NOT_EXIST', errorMessage: message }
          : { errorCode: 'VALIDATE_ERROR', errorMessage: 'Migrations have failed validation' },
      invalidMigrations: invalid,
    };
  });
}
