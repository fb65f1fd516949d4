/** Which packages a package may import; DESIGN: `console → contract ← server → {tenancy, migrate, isolation}`, `isolation → tenancy`. */
export const packageDirection: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  tenancy: [],
  migrate: [],
  isolation: ['tenancy'],
  server: ['contract', 'tenancy', 'migrate', 'isolation'],
  console: ['contract'],
};

/** Folders of `server/src` from left to right. A file imports from its own folder or from further left. */
export const serverOrder = [
  'db',
  'audit',
  'access',
  'cells',
  'operations',
  'tenants',
  'readers',
  'security',
  'isolation',
  'evidence',
  'rollouts',
  'backups',
  'metrics',
  'playground',
  'overview',
  'jobs',
  'http',
  'scaffold',
  'cli',
  'main',
] as const;

/** Files directly in `server/src` that stand left of every folder: the shared vocabulary. */
export const serverVocabulary = ['config', 'config-values', 'errors', 'context'] as const;

/** Packages whose sources also run in a browser. */
export const browserPackages: readonly string[] = ['contract', 'console'];

/** What the tests of every package may import besides: a real PostgreSQL to run against, and tenants in it. */
export const testOnlyImports: readonly string[] = [
  '@tenantry/tenancy/embedded',
  '@tenantry/tenancy/testing',
  '@tenantry/migrate/testing',
];

/**
 * Position of a file in the order of `server/src`; undefined when the order does not name its folder.
 *
 * @param path relative to `server/src`, with `/`
 * @example
 * serverRank('errors.ts') // 0
 * serverRank('db/pool.ts') // 1
 * serverRank('main.ts') // 17
 */
export function serverRank(path: string): number | undefined {
  const [folder = '', ...rest] = path.split('/');
  if (rest.length > 0) {
    const position = (serverOrder as readonly string[]).indexOf(folder);
    return position < 0 ? undefined : position + 1;
  }
  const name = folder.replace(/\.tsx?$/, '');
  if (name === 'main') return serverOrder.length + 1;
  return (serverVocabulary as readonly string[]).includes(name) ? 0 : undefined;
}

/** Does an `exports` map offer this subpath (`.` or `./x`)? One `*` in a key stands for any text. */
export function isExported(exports: Readonly<Record<string, unknown>>, subpath: string): boolean {
  return Object.keys(exports).some((key) => {
    const [before = '', after] = key.split('*');
    if (after === undefined) return key === subpath;
    return (
      subpath.startsWith(before) && subpath.endsWith(after) && subpath.length > before.length + after.length
    );
  });
}
