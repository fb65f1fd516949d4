import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, posix, sep } from 'node:path';
import { browserPackages, isExported, packageDirection, serverRank, testOnlyImports } from './direction.ts';
import { importsOf } from './imports.ts';

/** An import that breaks a rule. `file` is relative to the workspace, `line` counts from 1. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  readonly rule: string;
}

/** What was read, and what breaks a rule. */
export interface DirectionReport {
  readonly files: number;
  readonly imports: number;
  readonly violations: readonly Violation[];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

interface SourceFile {
  /** Folder name of the package. */
  readonly owner: string;
  /** Relative to the package, with `/`. */
  readonly path: string;
  readonly isTest: boolean;
}

/** Checks every file in `packages/<name>/src` and `packages/<name>/test` under `root` against the rules in `direction.ts`. */
export function checkDirection(root: string): DirectionReport {
  const manifests = readManifests(root);
  const files = globSync('packages/*/{src,test}/**/*.{ts,tsx}', { cwd: root }).toSorted();
  const violations: Violation[] = [];
  let imports = 0;
  for (const native of files) {
    const file = native.split(sep).join('/');
    const [, owner = '', kind = '', ...rest] = file.split('/');
    const source: SourceFile = { owner, path: [kind, ...rest].join('/'), isTest: kind === 'test' };
    for (const { specifier, line } of importsOf(readFileSync(join(root, native), 'utf8'))) {
      imports += 1;
      const rule = brokenRule(source, specifier, manifests);
      if (rule !== undefined) violations.push({ file, line, specifier, rule });
    }
  }
  return { files: files.length, imports, violations };
}

/** The rule that this import breaks, as a sentence; undefined when it breaks none. */
export function brokenRule(
  source: SourceFile,
  specifier: string,
  manifests: ReadonlyMap<string, Manifest>,
): string | undefined {
  if (packageDirection[source.owner] === undefined)
    return `${source.owner} has no place in the table of packages`;
  if (specifier.startsWith('.')) return relativeRule(source, specifier);
  if (specifier.startsWith('@tenantry/')) return workspaceRule(source, specifier, manifests);
  if (source.isTest || !browserPackages.includes(source.owner)) return undefined;
  if (isBuiltin(specifier)) return `${source.owner} runs in browsers: no Node module`;
  return /^pg(?:$|[-/])/.test(specifier) ? `${source.owner} runs in browsers: no database driver` : undefined;
}

function relativeRule({ owner, path, isTest }: SourceFile, specifier: string): string | undefined {
  const target = posix.normalize(posix.join('packages', owner, posix.dirname(path), specifier));
  const inside = posix.relative(`packages/${owner}`, target);
  if (inside.startsWith('../')) {
    if (isTest && !target.startsWith('packages/')) return undefined;
    return 'a relative import stays in its own package; import the other package by its name';
  }
  if (isTest) return undefined;
  if (inside.startsWith('test/')) return 'src does not import from test';
  return owner === 'server' && inside.startsWith('src/')
    ? serverRule(path.slice(4), inside.slice(4))
    : undefined;
}

function serverRule(from: string, to: string): string | undefined {
  const [here, there] = [serverRank(from), serverRank(to)];
  if (here === undefined) return `${placeOf(from)} has no place in the order of server/src`;
  if (there === undefined) return `${placeOf(to)} has no place in the order of server/src`;
  return there > here
    ? `in server/src ${placeOf(from)} stands left of ${placeOf(to)} and must not import it`
    : undefined;
}

const placeOf = (path: string): string => (path.includes('/') ? `${path.split('/')[0]}/` : path);

function workspaceRule(
  { owner, isTest }: SourceFile,
  specifier: string,
  manifests: ReadonlyMap<string, Manifest>,
): string | undefined {
  if (isTest && testOnlyImports.includes(specifier)) return undefined;
  const [, target = '', ...rest] = specifier.split('/');
  if (target === owner) return isTest ? undefined : 'a package imports its own files by relative path';
  const allowed = packageDirection[owner] ?? [];
  if (!allowed.includes(target)) {
    return `${owner} may import ${allowed.length === 0 ? 'no other package' : `only ${allowed.join(', ')}`}`;
  }
  const exports = manifests.get(target)?.exports ?? {};
  if (!isExported(exports, ['.', ...rest].join('/'))) return `@tenantry/${target} does not export this path`;
  if (!isDeclared(manifests.get(owner), `@tenantry/${target}`, isTest)) {
    return `packages/${owner}/package.json does not declare @tenantry/${target}`;
  }
  return undefined;
}

function isDeclared(manifest: Manifest | undefined, name: string, isTest: boolean): boolean {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest ?? {};
  const atRun = [dependencies, peerDependencies, optionalDependencies];
  return (isTest ? [...atRun, devDependencies] : atRun).some((list) => list !== undefined && name in list);
}

function readManifests(root: string): ReadonlyMap<string, Manifest> {
  const files = globSync('packages/*/package.json', { cwd: root });
  return new Map(
    files.map((file) => [
      basename(dirname(file)),
      JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest,
    ]),
  );
}
