import { tenantry } from './command-line.ts';
import { anchor } from './markdown.ts';

interface CommandPage {
  readonly words: readonly string[];
  readonly help: string;
}

/** Every command with its help, as the program itself prints it. */
export async function renderCli(): Promise<string> {
  const [program, ...commands] = await walk([]);
  const links = commands.map(({ words }) => {
    const name = `tenantry ${words.join(' ')}`;
    return `- [${name}](#${anchor(name)})`;
  });
  return [
    'Every command, as `--help` prints it. In the workspace: `npx tenantry …`. The options of the first block can be given to every command.',
    block(program?.help ?? ''),
    links.join('\n'),
    ...commands.map(({ words, help }) => `## tenantry ${words.join(' ')}\n\n${block(withoutGlobal(help))}`),
  ].join('\n\n');
}

async function walk(words: readonly string[]): Promise<readonly CommandPage[]> {
  const help = await tenantry(...words, '--help');
  const below: CommandPage[] = [];
  for (const name of subcommands(help)) below.push(...(await walk(words.concat(name))));
  // A group's own help only lists what follows anyway.
  return words.length > 0 && below.length > 0 ? below : [{ words, help }, ...below];
}

/** The names in the section `Commands:`; descriptions that go over several lines are indented deeper. */
function subcommands(help: string): readonly string[] {
  return [...section(help, 'Commands').matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help');
}

function section(help: string, title: string): string {
  return new RegExp(String.raw`^${title}:\n((?: +.*\n?)*)`, 'm').exec(help)?.[1] ?? '';
}

function withoutGlobal(help: string): string {
  return help.replace(/^Global Options:\n(?: +.*\n)*\n?/m, '');
}

function block(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}
