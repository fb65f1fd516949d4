import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { templates } from './compose.ts';

const packageRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Exact versions of what templates depend on; a copy of the workspace's own. */
export function versions(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(templates, 'versions.json'), 'utf8')) as Record<string, string>;
}

/** The checkout that this command runs from, or undefined where it is installed. */
export function checkout(): string | undefined {
  const root = join(realpathSync(packageRoot), '..', '..');
  const file = join(root, 'package.json');
  if (!existsSync(file)) return undefined;
  const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string };
  return name === 'tenantry-workspace' ? root : undefined;
}

/** What a project says of a dependency that it gets from the registry. */
export function publishedSpecifier(dependency: string): string {
  const version = dependency.startsWith('@tenantry/') ? ownVersion() : versions()[dependency];
  if (version === undefined) throw new Error(`The templates have no version of ${dependency}.`);
  return version;
}

/**
 * What a project at `directory` says of a dependency when it is made from a checkout: Tenantry is a link into it. So is what
 * Tenantry has an adapter for, because an adapter and the project must have the same copy: a second one has classes and
 * types of its own.
 */
export function linkedSpecifier(root: string, directory: string): (dependency: string) => string {
  const adapted = adaptedPackages(root);
  const link = (path: string) => `file:${relative(directory, path).split(sep).join('/')}`;
  return (dependency) => {
    const [scope, name = ''] = dependency.split('/');
    if (scope === '@tenantry') return link(join(root, 'packages', name));
    if (!adapted.has(dependency)) return publishedSpecifier(dependency);
    return link(dirname(manifestPath(root, dependency)));
  };
}

function adaptedPackages(root: string): ReadonlySet<string> {
  const text = readFileSync(join(root, 'packages', 'tenancy', 'package.json'), 'utf8');
  const { dependencies, devDependencies } = JSON.parse(text) as Record<string, Record<string, string>>;
  return new Set([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})]);
}

/** npm puts a package into the workspace's node_modules, or below the package that needs it. */
function manifestPath(root: string, dependency: string): string {
  const places = [join(root, 'packages', 'tenancy'), root];
  const found = places
    .map((place) => join(place, 'node_modules', dependency, 'package.json'))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${dependency} is not installed in ${root}. Run "npm ci" there.`);
  return found;
}

function ownVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
