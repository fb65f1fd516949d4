/** Code that tests run; see `vite/snippets.ts`. */
declare module 'virtual:snippets' {
  type Library = 'kysely' | 'drizzle' | 'prisma' | 'pg';

  /** Every text once; projects name them by number. */
  export const texts: readonly string[];
  /** By `fastify-kysely`: files of a generated project. */
  export const projects: Readonly<Record<string, readonly (readonly [path: string, text: number])[]>>;
  /** What a data library needs, by library. */
  export const queries: Readonly<Record<Library, string>>;
  /** Where that stands in the workspace. */
  export const guideFiles: Readonly<Record<Library, string>>;
  /** A program that queries as a tenant; it imports Kysely's file. */
  export const asTenant: string;
  /** A program with two tenants. */
  export const firstQuery: string;
}
