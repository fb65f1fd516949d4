/** What stands in a customer's report where another tenant was named. */
export const elsewhere = '(another tenant)';

/** Names of tenants as texts may hold them. */
export interface Named {
  readonly id: string;
  readonly slug: string | null;
  readonly name: string;
  readonly schema: string;
}

/**
 * A function that takes the ids, schemas, slugs and names of all other tenants out of a text. Ids are known by their form, also those of
 * tenants that are long gone. It takes out too much rather than too little: a slug that is also a word goes.
 */
export function redactor(own: Named, others: readonly Named[]): (text: string) => string {
  const keep = new Set([own.id, own.schema].map((text) => text.toLowerCase()));
  const names = new Set(
    others
      .flatMap(({ id, slug, name, schema }) => [id, slug, name, schema])
      .filter((name) => name !== null && name !== ''),
  );
  for (const name of [own.id, own.schema, own.slug, own.name]) names.delete(name);
  // Longest first: "acme-eu" before "acme".
  const listed = [...names].toSorted((a, b) => b!.length - a!.length).map((name) => escaped(name!));
  const edge = String.raw`[\p{L}\p{N}_]`;
  const known =
    listed.length === 0 ? null : new RegExp(`(?<!${edge})(?:${listed.join('|')})(?!${edge})`, 'giu');
  return (text) => {
    const withoutIds = text.replaceAll(/(?<![a-z0-9])t_[a-z2-7]{12}/gi, (id) =>
      keep.has(id.toLowerCase()) ? id : elsewhere,
    );
    return known === null ? withoutIds : withoutIds.replaceAll(known, elsewhere);
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
