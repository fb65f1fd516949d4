/** The names that stand in the examples. */
const example = { tenant: 'acme', neighbour: 'globex' } as const;

/**
 * Code of an example with other tenants: their slugs in texts and commands, and variables that are called after them. What it
 * does stays the same.
 *
 * ```ts
 * fillTenants("const acme = await tenancy.resolve('acme');", 'north-wind')
 * // const northWindTenant = await tenancy.resolve('north-wind');
 * ```
 */
export function fillTenants(code: string, tenant: string, neighbour: string = example.neighbour): string {
  const other = neighbour === tenant ? `${neighbour}-2` : neighbour;
  const names: Readonly<Record<string, string>> = { [example.tenant]: tenant, [example.neighbour]: other };
  // In one go: the tenant may be called as the neighbour of the example.
  return code.replaceAll(
    /(['" ]?)\b(acme|globex)\b(['" ]?)/g,
    (_, before: string, name: string, after: string) => {
      const slug = names[name] ?? name;
      const isText = before === "'" || before === '"';
      return before + (slug === name || isText ? slug : variableOf(slug)) + after;
    },
  );
}

/** `northWindTenant` for `north-wind`: with its end, no slug gives a name that the code has already, or a word of the language. */
function variableOf(slug: string): string {
  const name = slug.replaceAll(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return `${/^[a-z]/.test(name) ? name : `t${name}`}Tenant`;
}

/** The program of a library, which imports the file of its guide. */
export function fillLibrary(code: string, guideFile: string): string {
  return code.replace('./kysely.ts', `./${guideFile.replace('examples/guides/', '')}`);
}
