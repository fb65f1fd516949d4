import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { importsOf } from './imports.ts';

/** A block of code between fences in a page. Lines are counted from 1. */
export interface Block {
  /** The line of the opening fence. */
  readonly line: number;
  /** The word after the fence, or an empty text. */
  readonly language: string;
  /** What follows `file=` in the opening fence: a path in the workspace, with `#` and a region where it is a part. */
  readonly source: string | undefined;
  /** Without the indentation of its fences, and without a newline at the end. */
  readonly code: string;
}

/** What a page looks like with every block as its source has it, and what is wrong with the page. */
export interface Filled {
  readonly text: string;
  /** Sentences, each with path and line. */
  readonly problems: readonly string[];
  /** The blocks that are not what their sources say; the other problems no program can mend. */
  readonly stale: readonly Block[];
}

/** Every page whose blocks may name a source. */
export const pagesIn = (root: string): readonly string[] =>
  globIn(root, ['docs/**/*.md', 'packages/*/README.md']);

/** The pages where every block of {@link executable} must name one. */
export const strictPagesIn = (root: string): ReadonlySet<string> =>
  new Set(
    globIn(root, [
      'docs/guides/**/*.md',
      'docs/tenancy*.md',
      'docs/tenancy/**/*.md',
      'packages/tenancy/README.md',
    ]),
  );

/** Languages of code that somebody will run. Output is `console` or `text`. */
export const executable: ReadonlySet<string> = new Set(['ts', 'tsx', 'js', 'mjs', 'sh', 'bash', 'shell']);

const opening = /^(?<indent> *)(?<fence>`{3,}|~{3,})(?<info>[^`]*)$/;

/**
 * The blocks of a page, in their order.
 *
 * ```ts
 * blocksOf('```ts file=examples/guides/pg.ts#query\n```')[0]?.source; // 'examples/guides/pg.ts#query'
 * ```
 */
export function blocksOf(page: string): readonly Block[] {
  return scan(page).map(({ block }) => block);
}

/**
 * A part of a source: the lines from `// #region name` to `// #endregion`, without their indentation. `#` and `--` begin a
 * comment too. Where regions have the same name they are joined by an empty line; without a name it is the whole file.
 * Marks of regions are never a part. Undefined where there is no such region, or one without an end.
 */
export function regionOf(source: string, name?: string): string | undefined {
  const parts: string[][] = [];
  const open: string[] = name === undefined ? [''] : [];
  const wanted = name ?? '';
  if (name === undefined) parts.push([]);
  for (const line of source.split('\n')) {
    const begins = /^\s*(?:\/\/|#|--)\s*#region\s+(\S+)/.exec(line)?.[1];
    const ends = /^\s*(?:\/\/|#|--)\s*#endregion\b/.test(line);
    if (begins !== undefined) {
      if (begins === wanted) parts.push([]);
      open.push(begins);
    } else if (ends) {
      open.pop();
    } else if (open.includes(wanted)) {
      parts.at(-1)!.push(line);
    }
  }
  if (parts.length === 0 || open.length > (name === undefined ? 1 : 0)) return undefined;
  return parts.map((lines) => dedent(lines).join('\n').trim()).join('\n\n');
}

/**
 * Puts into every block of a page what its source says. `isStrict`: a block of an {@link executable} language without a
 * source is a problem.
 */
export function fillPage(root: string, path: string, page: string, isStrict: boolean): Filled {
  const lines = page.split('\n');
  const problems: string[] = [];
  const stale: Block[] = [];
  // From the end, so that the lines of the blocks before stay where they are.
  for (const { block, indent, from, to } of scan(page).toReversed()) {
    const at = `${path}:${block.line}`;
    if (block.source === undefined) {
      if (isStrict && executable.has(block.language))
        problems.push(
          `${at}: the block has no source. Put it into a file in examples/ and name that: file=path#region.`,
        );
      continue;
    }
    const code = codeOf(root, block.source);
    if (code === undefined) {
      problems.push(`${at}: there is no ${block.source}, or a region in it has no end.`);
    } else if (code !== block.code) {
      problems.push(
        `${at}: the block is not what ${block.source} says. Run "node scripts/doc-blocks.ts --write".`,
      );
      stale.push(block);
      const filled = code.split('\n').map((line) => (line === '' ? '' : indent + line));
      lines.splice(from, to - from, ...filled);
    }
  }
  return { text: lines.join('\n'), problems: problems.toReversed(), stale: stale.toReversed() };
}

/** {@link fillPage} for every page of the workspace. */
export function fillPages(root: string): ReadonlyMap<string, Filled> {
  const strict = strictPagesIn(root);
  return new Map(
    pagesIn(root).map((path) => [
      path,
      fillPage(root, path, readFileSync(join(root, path), 'utf8'), strict.has(path)),
    ]),
  );
}

/**
 * Sources in examples/ that no test runs, as far as their names tell: a test of the same example, or a file that it imports,
 * imports the source or names it.
 */
export function untestedSources(root: string): readonly string[] {
  const sources = pagesIn(root)
    .flatMap((path) => blocksOf(readFileSync(join(root, path), 'utf8')))
    .flatMap(({ source }) => source?.split('#')[0] ?? [])
    .filter((path) => path.startsWith('examples/'));
  const reaches = new Map<string, (path: string) => boolean>();
  return [...new Set(sources)].filter((path) => {
    const [, example = ''] = path.split('/');
    if (!reaches.has(example)) reaches.set(example, testsOf(root, `examples/${example}`));
    return !reaches.get(example)!(path);
  });
}

/** Whether the tests of an example come to a file. */
function testsOf(root: string, example: string): (path: string) => boolean {
  const files = new Set(globIn(root, [`${example}/test/**/*.test.ts`]));
  let text = '';
  // A set gives what is added to it while it is walked through.
  for (const file of files) {
    if (!file.startsWith(`${example}/`) || !existsSync(join(root, file))) continue;
    const source = readFileSync(join(root, file), 'utf8');
    text += source;
    for (const { specifier } of importsOf(source))
      if (specifier.startsWith('.')) files.add(posix.join(posix.dirname(file), specifier));
  }
  return (path) => files.has(path) || text.includes(posix.basename(path));
}

interface Scanned {
  readonly block: Block;
  readonly indent: string;
  /** The code's lines, counted from 0; `to` is the closing fence's. */
  readonly from: number;
  readonly to: number;
}

function scan(page: string): readonly Scanned[] {
  const lines = page.split('\n');
  const found: Scanned[] = [];
  for (let at = 0; at < lines.length; at++) {
    const { indent, fence, info } = opening.exec(lines[at]!)?.groups ?? {};
    if (indent === undefined || fence === undefined || info === undefined) continue;
    const closing = new RegExp(`^ *${fence[0]}{${fence.length},} *$`);
    const end = lines.findIndex((line, i) => i > at && closing.test(line));
    const to = end === -1 ? lines.length : end;
    const [language = '', ...attributes] = info.trim().split(/\s+/);
    const source = attributes.find((attribute) => attribute.startsWith('file='))?.slice('file='.length);
    const code = lines
      .slice(at + 1, to)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    found.push({
      block: { line: at + 1, language, source, code: code.join('\n') },
      indent,
      from: at + 1,
      to,
    });
    at = to;
  }
  return found;
}

function codeOf(root: string, source: string): string | undefined {
  const [path = '', region] = source.split('#');
  let text: string;
  try {
    text = readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
  return regionOf(text, region);
}

function dedent(lines: readonly string[]): readonly string[] {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)![0].length);
  const least = Math.min(...indents);
  return lines.map((line) => line.slice(least).trimEnd());
}

function globIn(root: string, patterns: readonly string[]): readonly string[] {
  return globSync([...patterns], { cwd: root, exclude: ['**/node_modules/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
}
