import type { RuleText } from '../rule.ts';

const ORDERS = 'CREATE TABLE orders (id bigint PRIMARY KEY, customer text);';
const REASON = 'reason: the table has nine rows';

/** The file itself, and the comments in it that switch rules off. These cannot be switched off. */
export const fileRules = {
  syntax: {
    severity: 'error',
    lock: null,
    title: 'The file is not SQL that PostgreSQL’s grammar knows',
    why: 'It would fail where it runs, in the middle of a release.',
    instead: 'Correct it. Commands of psql are not SQL; a placeholder without a value is not either.',
    bad: 'CREAT TABLE invoice (id bigint);',
    good: ['CREATE TABLE invoice (id bigint);'],
  },
  'allow-malformed': {
    severity: 'error',
    lock: null,
    title: 'A comment for the linter that it does not understand',
    why: 'Somebody meant to switch a rule off, or thinks it is.',
    instead:
      'Write `-- tenantry-lint: allow <rule> reason: <text>` above the statement, or `allow-file` for the whole file.',
    setup: ORDERS,
    bad: '-- tenantry-lint: ignore\nSELECT 1;',
    good: [`-- tenantry-lint: allow truncate ${REASON}\nTRUNCATE orders;`],
  },
  'allow-without-reason': {
    severity: 'error',
    lock: null,
    title: 'A rule switched off without a reason',
    why: 'Whoever reads the file next year cannot tell whether it still holds. The rule stays on.',
    instead: 'Add `reason: <text>` behind the rule.',
    setup: ORDERS,
    bad: '-- tenantry-lint: allow truncate\nSELECT 1;',
    good: [`-- tenantry-lint: allow truncate ${REASON}\nTRUNCATE orders;`],
  },
  'allow-unknown-rule': {
    severity: 'error',
    lock: null,
    title: 'A comment that names a rule there is not',
    why: 'It switches nothing off; most often a slip in the name.',
    instead: 'Write the code that the finding shows.',
    setup: ORDERS,
    bad: `-- tenantry-lint: allow trunkate ${REASON}\nSELECT 1;`,
    good: [`-- tenantry-lint: allow truncate ${REASON}\nTRUNCATE orders;`],
  },
  'allow-unused': {
    severity: 'warning',
    lock: null,
    title: 'A comment that switches off what is not found',
    why: 'It would hide the rule from whoever changes the statement later.',
    instead: 'Remove the comment.',
    setup: ORDERS,
    bad: `-- tenantry-lint: allow truncate ${REASON}\nSELECT 1;`,
    good: [`-- tenantry-lint: allow truncate ${REASON}\nTRUNCATE orders;`],
  },
} as const satisfies Record<string, RuleText>;
