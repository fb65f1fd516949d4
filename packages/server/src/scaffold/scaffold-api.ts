import { mkdir, realpath } from 'node:fs/promises';
import { ownCommands, type Framework, type Library } from './choices.ts';
import { composeApi } from './compose.ts';
import { checkout, linkedSpecifier, publishedSpecifier } from './origin.ts';
import { isVacant, writeProject } from './write.ts';

export interface ScaffoldInput {
  readonly framework: Framework;
  readonly library: Library;
  readonly name: string;
  /** Made where there is none. */
  readonly directory: string;
}

/** Paths of what was written, from the directory on; undefined where the directory has something in it. */
export async function scaffoldApi(input: ScaffoldInput): Promise<readonly string[] | undefined> {
  const { name, framework, library, directory } = input;
  if (!(await isVacant(directory))) return undefined;
  await mkdir(directory, { recursive: true });
  const root = checkout();
  // The real one: a link on the way there would make a relative path lead elsewhere.
  const specifier =
    root === undefined ? publishedSpecifier : linkedSpecifier(root, await realpath(directory));
  const files = await composeApi({ name, framework, library, commands: ownCommands, specifier });
  await writeProject(directory, files);
  return [...files.keys()];
}
