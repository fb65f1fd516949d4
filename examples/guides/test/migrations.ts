import { fileURLToPath } from 'node:url';

/** The sample product's; an application has its own. */
export const migrations = fileURLToPath(new URL('../../sample-saas/migrations', import.meta.url));
