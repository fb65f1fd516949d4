import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { titles, type ApiProject } from './choices.ts';
import { manifestOf, type ManifestPart } from './manifest.ts';

/** Where the templates are: `common`, and a folder for each framework and library. */
export const templates = fileURLToPath(new URL('../../templates/api/', import.meta.url));

/** A project's files: path from its root, with `/`, to text. */
export type ProjectFiles = ReadonlyMap<string, string>;

/**
 * The files of an API project: what all have, what its framework and its data library add. A file of a later folder takes the
 * place of an earlier one's. Nothing is written.
 */
export async function composeApi(project: ApiProject): Promise<ProjectFiles> {
  const folders = await Promise.all(
    ['common', project.framework, project.library].map((folder) => readFolder(join(templates, folder))),
  );
  const parts: ManifestPart[] = [];
  const files = new Map<string, string>();
  for (const folder of folders)
    for (const [path, text] of folder) {
      if (path === 'package.json') parts.push(JSON.parse(text) as ManifestPart);
      else if (project.migrations === undefined || !path.startsWith('migrations/'))
        files.set(targetOf(path), fill(text, project));
    }
  files.set('package.json', manifestOf(project, parts));
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** npm publishes no file that is called `.gitignore`. */
function targetOf(path: string): string {
  return path === 'gitignore' ? '.gitignore' : path;
}

/** `__name__` and its like stand in templates as they are, so that those are valid TypeScript. */
function fill(text: string, project: ApiProject): string {
  const values: Readonly<Record<string, string>> = {
    name: project.name,
    migrations: project.migrations ?? 'migrations',
    framework: titles[project.framework],
    library: titles[project.library],
    ...project.commands,
  };
  return text.replaceAll(/__([a-z]+)__/g, (placeholder, name: string) => values[name] ?? placeholder);
}

async function readFolder(folder: string): Promise<ProjectFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(
    files.map(async (file) => {
      const path = file
        .slice(folder.length + 1)
        .split(sep)
        .join('/');
      return [path, await readFile(file, 'utf8')] as const;
    }),
  );
  return new Map(texts);
}
