import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { GrammarError, loadGrammar } from '../../src/grammar.ts';
import { DATA, dataMissing, skipReason } from '../support/files.ts';
import { asFlyway } from './view.ts';
import type { FlywayStatement } from './view.ts';

beforeAll(() => loadGrammar());

/** Where the two differ on purpose; everything else must be the same statement for statement. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'e-string-lower': "e'…' is an escape string in lower case too",
  'dollar-param': '$1 is a parameter, not the beginning of a dollar quote',
  'reindex-concurrently': 'REINDEX CONCURRENTLY is refused in a transaction (25001); Flyway does not see it',
  'reindex-index-concurrently': 'the same',
  'detach-concurrently': 'DETACH PARTITION CONCURRENTLY is refused in a transaction; Flyway does not see it',
};

/** What PostgreSQL's grammar refuses, so that the server would too. */
const REFUSED: Readonly<Record<string, string>> = {
  'parens-semicolon': 'a semicolon in parentheses is allowed in CREATE RULE only',
  'psql-meta': 'commands of psql are not SQL',
  nbsp: 'a no-break space is a letter to PostgreSQL, a blank to Flyway',
  'numeric-dots': '1..2 is no number',
  'unterminated-string': 'the string has no end',
  'unterminated-comment': 'the comment has no end',
  'unterminated-paren': 'the parenthesis has no end',
  'unterminated-dollar': 'the dollar quote has no end',
  'extra-close-paren': 'the parenthesis has no beginning',
};

const plain = ({ line, length, sha1, tx }: FlywayStatement): FlywayStatement => ({ line, length, sha1, tx });

interface Snippet {
  readonly name: string;
  readonly input: string;
  readonly statements?: readonly FlywayStatement[];
}

/** Flyway's answers are of the texts with this placeholder set. */
const textOf = (path: string) =>
  readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('${ohdsiSchema}', 'ohdsi');

const read = (name: string) => (dataMissing ? '' : readFileSync(join(DATA, 'parser', name), 'utf8'));

describe.skipIf(dataMissing)(`splits as Flyway does${skipReason}`, () => {
  const snippets = JSON.parse(read('snippets.json') || '[]') as readonly Snippet[];

  it.each(snippets.map((snippet) => [snippet.name, snippet] as const))(
    'snippet %s',
    (name, { input, statements }) => {
      if (name in REFUSED) {
        expect(() => asFlyway(input)).toThrow(GrammarError);
        return;
      }
      const ours = asFlyway(input);
      if (name in DIFFERENT) expect(ours).not.toEqual(statements?.map(plain));
      else expect(ours).toEqual(statements?.map(plain));
    },
  );

  it('every file of the real projects', () => {
    const differing: string[] = [];
    let compared = 0;
    for (const record of read('real-files.jsonl').trim().split('\n')) {
      const { file, statements } = JSON.parse(record) as {
        file: string;
        statements: readonly FlywayStatement[];
      };
      const path = join(DATA, file);
      if (!existsSync(path)) continue;
      const ours = asFlyway(textOf(path));
      compared++;
      if (JSON.stringify(ours) !== JSON.stringify(statements.map(plain))) differing.push(file);
    }
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  });
});
