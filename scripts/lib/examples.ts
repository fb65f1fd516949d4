import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  composeApi,
  publishedSpecifier,
  templates,
  type ApiProject,
  type Framework,
  type Library,
  type ProjectFiles,
} from '../../packages/server/src/scaffold/index.ts';

/** The example applications, which are what `tenantry scaffold api` writes for these. */
export const exampleApis: readonly (readonly [Framework, Library])[] = [
  ['fastify', 'kysely'],
  ['nestjs', 'prisma'],
  ['express', 'drizzle'],
  ['hono', 'pg'],
];

/** What every project gets as its AGENTS.md, from the workspace's root. */
export const assistantRules = 'docs/tenancy/AGENTS.template.md';

/** The project of an example: it lies in the workspace, and uses the sample product's migrations. */
export function exampleProject(framework: Framework, library: Library): ApiProject {
  const name = `@tenantry/example-${framework}-${library}`;
  const workspace = `--workspace examples/${framework}-${library}`;
  return {
    name,
    framework,
    library,
    migrations: '../sample-saas/migrations',
    commands: {
      install: '# in the root of the workspace',
      test: `npm test ${workspace}`,
      start: `npm start ${workspace}`,
      token: `npm run --silent token ${workspace} --`,
      up: 'npm start',
    },
    specifier: publishedSpecifier,
  };
}

/** The files of an example, by path from the workspace's root. */
export async function exampleFiles(framework: Framework, library: Library): Promise<ProjectFiles> {
  const files = await composeApi(exampleProject(framework, library));
  const folder = `examples/${framework}-${library}`;
  return new Map([...files].map(([path, text]) => [`${folder}/${path}`, text]));
}

/** What the workspace has of everything that the templates depend on: the text of their `versions.json`. */
export async function templateVersions(root: string): Promise<string> {
  const have = new Map<string, string>();
  for (const file of ['package.json', ...globSync('packages/*/package.json', { cwd: root })]) {
    const manifest = JSON.parse(await readFile(join(root, file), 'utf8')) as Record<
      string,
      object | undefined
    >;
    for (const kind of dependencyKinds)
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) have.set(name, version as string);
  }
  const wanted = new Set<string>();
  for (const file of globSync('*/package.json', { cwd: templates })) {
    const part = JSON.parse(await readFile(join(templates, file), 'utf8')) as Record<
      string,
      readonly string[]
    >;
    for (const kind of dependencyKinds) for (const name of part[kind] ?? []) wanted.add(name);
  }
  const versions: Record<string, string> = {};
  for (const name of [...wanted].filter((one) => !one.startsWith('@tenantry/')).toSorted()) {
    const version = have.get(name);
    if (version === undefined)
      throw new Error(`A template depends on ${name}, and nothing in the workspace does.`);
    versions[name] = version;
  }
  return `${JSON.stringify(versions, null, 2)}\n`;
}

const dependencyKinds = ['dependencies', 'devDependencies'] as const;
