/** Web frameworks that there are templates for. */
export const frameworks = ['fastify', 'express', 'nestjs', 'hono'] as const;
/** Data libraries that there are templates for. */
export const libraries = ['kysely', 'drizzle', 'prisma', 'pg'] as const;

export type Framework = (typeof frameworks)[number];
export type Library = (typeof libraries)[number];

/** As they write themselves. */
export const titles: Readonly<Record<Framework | Library, string>> = {
  fastify: 'Fastify',
  express: 'Express',
  nestjs: 'NestJS',
  hono: 'Hono',
  kysely: 'Kysely',
  drizzle: 'Drizzle',
  prisma: 'Prisma',
  pg: 'node-postgres',
};

/** An API project as it is asked for. */
export interface ApiProject {
  readonly name: string;
  readonly framework: Framework;
  readonly library: Library;
  /** Where its migrations are, from its root and with `/`; without it the project has its own, in `migrations`. */
  readonly migrations?: string;
  /** Commands that the README shows. */
  readonly commands: ProjectCommands;
  /** What `package.json` says of a dependency: a version, or `file:` and a directory. */
  readonly specifier: (dependency: string) => string;
}

/** How things are called where the project lies. */
export interface ProjectCommands {
  readonly install: string;
  readonly test: string;
  readonly start: string;
  /** Prints a token for the tenant whose name is put after it. */
  readonly token: string;
  /** Starts the control plane with the project's migrations. */
  readonly up: string;
}

/** Of a project that stands for itself. */
export const ownCommands: ProjectCommands = {
  install: 'npm install',
  test: 'npm test',
  start: 'npm start',
  token: 'npm run --silent token --',
  up: 'npx tenantry up --migrations migrations',
};

/** Lower-case words with hyphens, with or without a scope: what npm takes, and shells and databases too. */
export function isProjectName(text: string): boolean {
  return text.length <= 100 && /^(?:@[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*$/.test(text);
}
