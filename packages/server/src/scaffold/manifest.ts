import type { ApiProject } from './choices.ts';

/** The part of a `package.json` that a folder of templates brings along. Versions are nobody's own affair. */
export interface ManifestPart {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: readonly string[];
  readonly devDependencies?: readonly string[];
}

/**
 * The `package.json` of a project from its parts. Of two scripts with the same name the later one wins, but what runs before a
 * script (`prestart`) runs for both, the later one's first: what a library generates is there when the framework's is built.
 */
export function manifestOf({ name, specifier }: ApiProject, parts: readonly ManifestPart[]): string {
  const scripts: Record<string, string> = {};
  for (const [script, command] of parts.flatMap((part) => Object.entries(part.scripts ?? {}))) {
    const earlier = script.startsWith('pre') ? scripts[script] : undefined;
    scripts[script] = earlier === undefined ? command : `${command} && ${earlier}`;
  }
  const dependencies = unique(parts.flatMap((part) => part.dependencies ?? []));
  const devDependencies = unique(parts.flatMap((part) => part.devDependencies ?? [])).filter(
    (dependency) => !dependencies.includes(dependency),
  );
  const specifiers = (names: readonly string[]) =>
    Object.fromEntries(names.map((one) => [one, specifier(one)]));
  const manifest = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: Object.fromEntries(Object.entries(scripts).toSorted(([a], [b]) => scriptOrder(a, b))),
    dependencies: specifiers(dependencies),
    devDependencies: specifiers(devDependencies),
    engines: { node: '>=22.18' },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** By name, and what runs before a script right before it. */
function scriptOrder(a: string, b: string): number {
  const key = (name: string) => (name.startsWith('pre') ? `${name.slice(3)} 0` : `${name} 1`);
  return key(a) < key(b) ? -1 : 1;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted();
}
