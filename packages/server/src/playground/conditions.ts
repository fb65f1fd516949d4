/** Names of PostgreSQL's own for what a query of the playground is most often refused with. */
const conditions: Readonly<Record<string, string>> = {
  '0A000': 'feature_not_supported',
  '22012': 'division_by_zero',
  '22P02': 'invalid_text_representation',
  '25001': 'active_sql_transaction',
  '25006': 'read_only_sql_transaction',
  '3F000': 'invalid_schema_name',
  '42501': 'insufficient_privilege',
  '42601': 'syntax_error',
  '42703': 'undefined_column',
  '42704': 'undefined_object',
  '42883': 'undefined_function',
  '42P01': 'undefined_table',
  '55P03': 'lock_not_available',
  '57014': 'query_canceled',
};

export function conditionOf(sqlState: string): string | null {
  return conditions[sqlState] ?? null;
}
