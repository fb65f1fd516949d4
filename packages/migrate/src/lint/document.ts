import { RULES } from './catalog.ts';
import type { Rule } from './catalog.ts';
import type { RuleCategory } from './rule.ts';

const CATEGORIES: Readonly<Record<RuleCategory, readonly [title: string, about: string]>> = {
  isolation: [
    'Isolation',
    'What would leave the schema, the role or the transaction. Provisioning of tenants refuses by these rules alone, whatever a comment says, and there they are errors in the bodies of functions, too; in other projects a function that changes its role is a warning. A call of `pg_read_file` is left to PostgreSQL there, which refuses it to the owner of a schema. What an `EXECUTE` puts together cannot be judged: files are the operator’s code, so review each `EXECUTE`. After the run it is checked [what the owner owns](../migrations.md#containment), not what another role did.',
  ],
  security: ['Security', 'What opens a schema that is otherwise closed.'],
  lock: [
    'Locks',
    'What stops an application while it runs. None of it is said of a table that the same file makes, or the same run where it is known which files are applied.',
  ],
  compatibility: [
    'Compatibility',
    'While a migration runs, and until the last process is replaced, the previous version of the application is in use.',
  ],
  transaction: ['Transactions', 'What can run in a transaction, and what cannot.'],
  style: ['Style', 'Habits. They are off until they are asked for.'],
  file: [
    'Files and comments',
    'The file itself, and the comments that switch rules off. These cannot be switched off.',
  ],
};

const INTRODUCTION = `\
\`tenantry migrate lint\` reads the files with PostgreSQL's own grammar and says, before anything runs, what would leave the
schema, what would stop an application, and what would break its previous version. It needs no database.

\`\`\`console
$ tenantry migrate lint --locations db/migration --schema shop
V13__orders.sql:3:1  warning  index-blocks-writes  (SHARE lock)
  CREATE INDEX keeps everybody from writing to "orders" until it is built
  instead: CREATE INDEX CONCURRENTLY, alone in its file. …

0 errors, 1 warning, 0 notes in 13 files
\`\`\`

| severity | means |
|---|---|
| error | it must not run: it leaves the schema, opens it, or fails |
| warning | it may stop an application, or break its previous version; look at it before it goes out |
| info | worth knowing |

The exit code is 1 where a finding is as severe as \`--fail-on\` says (default \`error\`).
\`--format json\` is for programs, \`--format sarif\` for GitHub, GitLab and editors, which show findings beside the code:

\`\`\`console
$ tenantry migrate lint --schema shop --format sarif > lint.sarif
\`\`\`

## Which tables are in use

A lock matters where somebody else waits for it. The linter reads the files in order and keeps account of what they make: an
index on a table that the same file makes locks nobody out and is no finding. Neither is a \`SET NOT NULL\` on a column that a
validated CHECK of an earlier file holds, or a longer \`varchar\`.

- Without a database every file is taken as released by itself, and what earlier files made as being in use.
- With \`--pending\` the history says which files are applied. Only the others are judged, and what any of them makes is new to all.
- Undo files are judged as such: dropping is what they are for.

What it cannot see: text that \`EXECUTE\` puts together (but its beginning: \`EXECUTE 'SET ROLE ' || …\` is found), how many
rows a table has, and tables that no file made (they are taken to be in use). Both branches of an IF in a \`DO\` block are
taken to run.

## Switching a rule off

A comment above the statement, with the reason; \`allow-file\` for the whole file. Several rules are separated by commas.

\`\`\`sql
-- tenantry-lint: allow index-blocks-writes reason: nine rows, see the seed in V2
CREATE INDEX country_name ON country (name);
\`\`\`

The reason stands in the JSON and SARIF output, where the finding is listed as suppressed. A comment without a reason, with a
rule that there is not, or that switches nothing off is [a finding itself](#files-and-comments).

A file that is applied must not be edited: its checksum would change. Use \`--pending\`, which does not judge it.

In a program:

\`\`\`ts
const { ok, findings } = await lintFiles(set.migrations, {
  schemas: ['shop'],
  appliedUpTo: '12',                       // or applied: ['V1__init.sql', …]
  rules: { truncate: 'error', notify: 'off' }, // another severity for a rule
  style: true,                             // the rules of style, too
  allowSuppression: false,                 // comments do not switch isolation and security off
});
\`\`\``;

/**
 * The page of the linter as Markdown, without its title: how it is used, then a heading for each rule with its code as
 * the anchor.
 */
export function lintMarkdown(): string {
  const sections = (Object.keys(CATEGORIES) as RuleCategory[]).map(section);
  return [INTRODUCTION, ...sections].join('\n\n');
}

function section(category: RuleCategory): string {
  const [title, about] = CATEGORIES[category];
  const rules = RULES.filter((rule) => rule.category === category);
  const rows = rules.map(
    ({ code, severity, lock, title: what }) =>
      `| [\`${code}\`](#${code}) | ${severity} | ${lock ?? '–'} | ${cell(what)} |`,
  );
  const table = ['| rule | severity | lock | finds |', '|---|---|---|---|', ...rows].join('\n');
  return `## ${title}\n\n${about}\n\n${table}\n\n${rules.map(entry).join('\n\n')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function entry({ code, title, severity, lock, why, instead, bad, good }: Rule): string {
  const weight = lock === null ? severity : `${severity} · ${lock} lock`;
  return [
    `### ${code}`,
    '',
    `${title}. *${weight}*`,
    '',
    why,
    '',
    fence(bad),
    '',
    `Instead: ${instead}`,
    '',
    good.map(fence).join('\n\n'),
  ].join('\n');
}

function fence(sql: string): string {
  return `\`\`\`sql\n${sql.trimEnd()}\n\`\`\``;
}
