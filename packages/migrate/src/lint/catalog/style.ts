import type { RuleText } from '../rule.ts';

/** Habits. Off until they are asked for, because a project that has chosen otherwise is not wrong. */
export const styleRules = {
  'prefer-timestamptz': {
    severity: 'info',
    lock: null,
    title: '`timestamp` without time zone',
    why: 'It is no point in time: what it means depends on who reads it.',
    instead: '`timestamptz`.',
    bad: 'CREATE TABLE invoice (id bigint PRIMARY KEY, at timestamp);',
    good: ['CREATE TABLE invoice (id bigint PRIMARY KEY, at timestamptz);'],
  },
  'prefer-text': {
    severity: 'info',
    lock: null,
    title: '`char(n)`',
    why: 'It is padded with blanks, which comparisons ignore and other types do not; it saves nothing.',
    instead: '`text`, with a CHECK where a length matters.',
    bad: 'CREATE TABLE invoice (id bigint PRIMARY KEY, code char(3));',
    good: ['CREATE TABLE invoice (id bigint PRIMARY KEY, code text CHECK (length(code) = 3));'],
  },
  'prefer-bigint-key': {
    severity: 'info',
    lock: null,
    title: 'A primary key of 4 bytes or fewer',
    why: 'It ends at 2,147,483,647, and making it wider rewrites the table and all that refers to it.',
    instead: '`bigint GENERATED ALWAYS AS IDENTITY`, or a uuid.',
    bad: 'CREATE TABLE invoice (id serial PRIMARY KEY);',
    good: ['CREATE TABLE invoice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);'],
  },
  'prefer-jsonb': {
    severity: 'info',
    lock: null,
    title: '`json`',
    why: 'It is kept as text and parsed at every access; it has no equality and no index.',
    instead: '`jsonb`.',
    bad: 'CREATE TABLE invoice (id bigint PRIMARY KEY, body json);',
    good: ['CREATE TABLE invoice (id bigint PRIMARY KEY, body jsonb);'],
  },
  'table-without-key': {
    severity: 'info',
    lock: null,
    title: 'A table without a primary key',
    why: 'Logical replication cannot update or delete its rows, and neither can a person who finds two alike.',
    instead: 'Add a primary key.',
    bad: 'CREATE TABLE invoice (number text);',
    good: ['CREATE TABLE invoice (number text PRIMARY KEY);'],
  },
} as const satisfies Record<string, RuleText>;
