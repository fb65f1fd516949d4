import { optional, textOf, wordOf } from '../../lib/search-params.ts';

type Raw = Readonly<Record<string, unknown>>;

export const frameworks = ['fastify', 'express', 'nestjs', 'hono'] as const;
export type Framework = (typeof frameworks)[number];
export const libraries = ['kysely', 'drizzle', 'prisma', 'pg'] as const;
export type Library = (typeof libraries)[number];

export function referenceSearch(search: Raw) {
  return optional({ q: textOf(search, 'q'), op: textOf(search, 'op'), tenant: textOf(search, 'tenant') });
}
export type ReferenceSearch = ReturnType<typeof referenceSearch>;

export function snippetsSearch(search: Raw) {
  return optional({
    tenant: textOf(search, 'tenant'),
    framework: wordOf(search, 'framework', frameworks),
    library: wordOf(search, 'library', libraries),
    file: textOf(search, 'file'),
  });
}
export type SnippetsSearch = ReturnType<typeof snippetsSearch>;

export function playgroundSearch(search: Raw) {
  return optional({ a: textOf(search, 'a'), b: textOf(search, 'b'), sql: textOf(search, 'sql') });
}
export type PlaygroundSearch = ReturnType<typeof playgroundSearch>;
