import { family, type Fault } from '../fault.ts';

const tables = family('tables', 'tables', ['privilege.']);
const columns = family('columns', 'columns', ['privilege.']);
const sequences = family('sequences', 'sequences', ['privilege.']);

const privileges = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'MAINTAIN',
] as const;
/** Who might be given something of a tenant, and nobody of whom needs it. */
const strangers = [
  'PUBLIC',
  '{a}',
  '{a_owner}',
  '{slot}',
  '{broker}',
  '{group}',
  '{owners}',
  '{slots}',
  '{registrar}',
] as const;

const idOf = (name: string) => name.replaceAll(/[{}]/g, '').replaceAll('_', '-').toLowerCase();

/** Who is meant, in words. */
export const peopleOf: Readonly<Record<string, string>> = {
  PUBLIC: 'everybody',
  '{a}': 'another tenant',
  '{a_owner}': 'another tenant’s owner',
  '{slot}': 'a slot',
  '{broker}': 'the broker',
  '{group}': 'the group of all tenants',
  '{owners}': 'the group of all owners',
  '{slots}': 'the group of slots',
  '{registrar}': 'the registrar',
};

export const relationFaults: readonly Fault[] = [
  ...['PUBLIC', '{a}'].flatMap((who) =>
    privileges.map((privilege) =>
      tables(
        `${privilege.toLowerCase()}.${idOf(who)}`,
        `${privilege} on a table for ${peopleOf[who]!}`,
        `GRANT ${privilege} ON {b}.fault_notes TO ${who}`,
        `table {b}.fault_notes: ${privilege} for ${who}`,
        { rights: true },
      ),
    ),
  ),
  ...strangers
    .slice(2)
    .map((who) =>
      tables(
        `select.${idOf(who)}`,
        `SELECT on a table for ${peopleOf[who]!}`,
        `GRANT SELECT ON {b}.fault_notes TO ${who}`,
        `table {b}.fault_notes: SELECT for ${who}`,
        { rights: true },
      ),
    ),
  tables(
    'all-in-schema',
    'SELECT on all tables of a schema for another tenant',
    'GRANT SELECT ON ALL TABLES IN SCHEMA {b} TO {a}',
    'table {b}.fault_notes: SELECT for {a}',
    { rights: true },
  ),
  ...(['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'] as const).map((privilege) =>
    tables(
      `${privilege.toLowerCase()}.own`,
      `${privilege} on a table for the tenant’s own login`,
      `GRANT ${privilege} ON {b}.fault_notes TO {b}`,
      `table {b}.fault_notes: ${privilege} for {b}`,
      { rights: true },
    ),
  ),
  tables(
    'grant-option',
    'a tenant’s login may hand its SELECT on',
    'GRANT SELECT ON {b}.fault_notes TO {b} WITH GRANT OPTION',
    'table {b}.fault_notes: SELECT for {b}',
    { rights: true },
  ),
  tables(
    'granted-by-login',
    'a tenant’s login has handed its SELECT on, so that another role is the grantor',
    'GRANT SELECT ON {b}.fault_notes TO {b} WITH GRANT OPTION; SET LOCAL ROLE {b}; GRANT SELECT ON {b}.fault_notes TO {a}; RESET ROLE',
    'table {b}.fault_notes: SELECT for {a}',
    { rights: true },
  ),
  ...(['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] as const).map((privilege) =>
    tables(
      `history.${privilege.toLowerCase()}`,
      `${privilege} on the history of migrations for the tenant’s own login`,
      `GRANT ${privilege} ON {b}.flyway_schema_history TO {b}`,
      `history {b}.flyway_schema_history: ${privilege} for {b}`,
    ),
  ),
  ...(
    [
      ['fault_view', 'view'],
      ['fault_counts', 'materialized view'],
      ['fault_events', 'partitioned table'],
      ['fault_events_2026', 'partition'],
    ] as const
  ).map(([name, kind]) =>
    tables(
      `kind.${name.replaceAll('_', '-')}`,
      `SELECT on a ${kind} for another tenant`,
      `GRANT SELECT ON {b}.${name} TO {a}`,
      `table {b}.${name}: SELECT for {a}`,
      { rights: true },
    ),
  ),
  tables(
    'unknown-login',
    'SELECT on a table for a login that is made for it',
    'CREATE ROLE fault_bi LOGIN; GRANT USAGE ON SCHEMA {b} TO fault_bi; GRANT SELECT ON {b}.fault_notes TO fault_bi',
    'table {b}.fault_notes: SELECT for fault_bi',
    { rights: true },
  ),
  tables(
    'revoked',
    'SELECT on a table was taken from its own tenant',
    'REVOKE SELECT ON {b}.fault_notes FROM {b}',
    'no SELECT for {b}',
  ),
  ...(['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'] as const).flatMap((privilege) =>
    ['PUBLIC', '{a}'].map((who) =>
      columns(
        `${privilege.toLowerCase()}.${idOf(who)}`,
        `${privilege} on one column for ${peopleOf[who]!}`,
        `GRANT ${privilege} (secret) ON {b}.fault_notes TO ${who}`,
        `column {b}.fault_notes.secret: ${privilege} for ${who}`,
        { rights: true },
      ),
    ),
  ),
  columns(
    'grant-option',
    'a tenant’s login may hand one column on',
    'GRANT SELECT (secret) ON {b}.fault_notes TO {b} WITH GRANT OPTION',
    'column {b}.fault_notes.secret: SELECT for {b}',
  ),
  columns(
    'system',
    'SELECT on a system column for everybody',
    'GRANT SELECT (ctid) ON {b}.fault_notes TO PUBLIC',
    'column {b}.fault_notes.ctid: SELECT for PUBLIC',
  ),
  columns(
    'view',
    'SELECT on one column of a view for another tenant',
    'GRANT SELECT (secret) ON {b}.fault_view TO {a}',
    'column {b}.fault_view.secret: SELECT for {a}',
    { rights: true },
  ),
  columns(
    'history',
    'UPDATE on one column of the history for the tenant’s own login',
    'GRANT UPDATE (installed_rank) ON {b}.flyway_schema_history TO {b}',
    'column {b}.flyway_schema_history.installed_rank: UPDATE for {b}',
  ),
  ...(['SELECT', 'USAGE', 'UPDATE'] as const).flatMap((privilege) =>
    ['PUBLIC', '{a}', '{slot}'].map((who) =>
      sequences(
        `${privilege.toLowerCase()}.${idOf(who)}`,
        `${privilege} on a sequence for ${peopleOf[who]!}`,
        `GRANT ${privilege} ON SEQUENCE {b}.fault_seq TO ${who}`,
        `sequence {b}.fault_seq: ${privilege} for ${who}`,
        { rights: true },
      ),
    ),
  ),
  sequences(
    'update.own',
    'a tenant’s login may set its sequence back',
    'GRANT UPDATE ON SEQUENCE {b}.fault_seq TO {b}',
    'sequence {b}.fault_seq: UPDATE for {b}',
    { rights: true },
  ),
  sequences(
    'grant-option',
    'a tenant’s login may hand its sequence on',
    'GRANT USAGE ON SEQUENCE {b}.fault_seq TO {b} WITH GRANT OPTION',
    'sequence {b}.fault_seq: USAGE for {b}',
    { rights: true },
  ),
  sequences(
    'identity',
    'the sequence of an identity column for another tenant',
    'GRANT USAGE ON SEQUENCE {b}.fault_notes_id_seq TO {a}',
    'sequence {b}.fault_notes_id_seq: USAGE for {a}',
    { rights: true },
  ),
];
