import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';

/**
 * Leaves the schemas of the contract out of the browser's bundle. The console needs of an endpoint how to call it, and of a
 * schema file its plain values (the states, the roles); the server validates. Saves TypeBox and every schema.
 */
export function contractWithoutSchemas(): Plugin {
  return {
    name: 'tenantry:contract-without-schemas',
    enforce: 'pre',
    async load(id) {
      const file = /\/packages\/contract\/src\/(endpoints\.ts|schemas\/[\w-]+\.ts)$/.exec(id)?.[1];
      if (file === undefined) return undefined;
      const module: Record<string, unknown> = await import(pathToFileURL(id).href);
      const plain = file === 'endpoints.ts' ? { endpoints: bareEndpoints(module['endpoints']) } : module;
      return Object.entries(plain)
        .filter(([, value]) => typeof value !== 'function' && !isSchema(value))
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
        .join('\n');
    },
  };
}

/** TypeBox marks what it makes with names that start with a tilde. */
function isSchema(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getOwnPropertyNames(value).some((name) => name.startsWith('~'))
  );
}

function bareEndpoints(endpoints: unknown): Record<string, unknown> {
  const table = endpoints as Record<string, Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(table).map(([name, { method, path, permission, body }]) => [
      name,
      { method, path, permission, ...(body === undefined ? {} : { body: true }) },
    ]),
  );
}
