import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { regionOf } from '../../../scripts/lib/doc-blocks.ts';
import {
  composeApi,
  frameworks,
  libraries,
  ownCommands,
  publishedSpecifier,
  type Framework,
  type Library,
} from '../../server/src/scaffold/index.ts';

const id = 'virtual:snippets';
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the guide of a library has its code. */
const guides = {
  kysely: 'examples/guides/kysely.ts',
  drizzle: 'examples/guides/drizzle.ts',
  prisma: 'examples/guides/prisma/accounts.ts',
  pg: 'examples/guides/pg.ts',
} as const satisfies Record<Library, string>;

/** What a reader wants to see of a generated project, in the order in which to read it. */
const shown = [
  'src/app.ts',
  'src/app-module.ts',
  'src/accounts/account-routes.ts',
  'src/accounts/account-service.ts',
  'src/accounts/account-repository.ts',
  'src/database.ts',
  'src/schema.ts',
  'schema.prisma',
  'src/resolver.ts',
  'src/identity.ts',
  'src/main.ts',
  'test/isolation.test.ts',
];

/**
 * The module `virtual:snippets`: code that tests run, from the examples and from what `tenantry scaffold api` writes. It is read
 * when the console is built, so no copy of it can be out of date.
 */
export function snippets(): Plugin {
  return {
    name: 'tenantry:snippets',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    async load(source) {
      if (source !== `\0${id}`) return undefined;
      const texts: string[] = [];
      const indexOf = (text: string) => {
        const at = texts.indexOf(text);
        return at >= 0 ? at : texts.push(text) - 1;
      };
      const projects: Record<string, readonly (readonly [path: string, text: number])[]> = {};
      for (const framework of frameworks)
        for (const library of libraries) {
          const files = await projectFiles(framework, library);
          projects[`${framework}-${library}`] = files.map(([path, text]) => [path, indexOf(text)] as const);
        }
      const queries: Record<string, string> = {};
      for (const library of libraries)
        queries[library] = await regions(guides[library], ['database', 'query', 'transaction']);
      return [
        `export const texts = ${JSON.stringify(texts)};`,
        `export const projects = ${JSON.stringify(projects)};`,
        `export const queries = ${JSON.stringify(queries)};`,
        `export const guideFiles = ${JSON.stringify(guides)};`,
        `export const asTenant = ${JSON.stringify(await regions('examples/guides/as-tenant.ts', ['program']))};`,
        `export const firstQuery = ${JSON.stringify(await regions('examples/quick-start/first-query.ts', ['program']))};`,
      ].join('\n');
    },
  };
}

async function projectFiles(
  framework: Framework,
  library: Library,
): Promise<readonly (readonly [string, string])[]> {
  const files = await composeApi({
    name: 'my-api',
    framework,
    library,
    commands: ownCommands,
    specifier: publishedSpecifier,
  });
  return shown.flatMap((path) => {
    const text = files.get(path);
    return text === undefined ? [] : [[path, text.trimEnd()] as const];
  });
}

async function regions(path: string, names: readonly string[]): Promise<string> {
  const source = await readFile(`${root}${path}`, 'utf8');
  return names
    .map((name) => {
      const region = regionOf(source, name);
      if (region === undefined) throw new Error(`${path} has no region ${name}.`);
      return region;
    })
    .join('\n\n');
}
