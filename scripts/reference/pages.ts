import { renderApi } from './api.ts';
import { renderCli } from './cli.ts';
import { renderConfiguration } from './configuration.ts';
import { renderErrors } from './errors.ts';
import { renderIsolationChecks, renderIsolationFaults } from './isolation.ts';
import { lintMarkdown } from '../../packages/migrate/src/lint/document.ts';
import { renderMigrateConfiguration } from './migrate.ts';

/** One generated page; `path` is relative to the workspace. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/**
 * Every page of the reference, made anew from the contract, the command line, the table of options and the table of
 * problems. Reads no page that is there already and writes nothing.
 *
 * ```ts
 * const pages = await renderPages();
 * pages[0]?.path; // 'docs/reference/api.md'
 * ```
 */
export async function renderPages(): Promise<readonly Page[]> {
  return [
    page('api', 'HTTP API', renderApi()),
    page('cli', 'Command line', await renderCli()),
    page('configuration', 'Configuration', await renderConfiguration()),
    page('errors', 'Errors', renderErrors()),
    page('isolation-checks', 'Checks of isolation', renderIsolationChecks()),
    page('isolation-faults', 'Faults of isolation', renderIsolationFaults()),
    {
      path: 'docs/migrate/configuration.md',
      text: `# Migrations: configuration\n\n${note}\n\n${renderMigrateConfiguration()}\n`,
    },
    { path: 'docs/migrate/lint.md', text: `# Migrations: lint\n\n${note}\n\n${lintMarkdown()}\n` },
  ];
}

const note =
  '<!-- Made by "node scripts/reference.ts" from the code. Do not edit: change the code and run it. -->';

function page(name: string, title: string, body: string): Page {
  return { path: `docs/reference/${name}.md`, text: `# Reference: ${title}\n\n${note}\n\n${body.trim()}\n` };
}
