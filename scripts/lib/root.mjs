import { fileURLToPath } from 'node:url';

/** Root directory of the workspace, whatever the current directory is. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
