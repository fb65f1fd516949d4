/** Names that older versions of Flyway wrote. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  SPRING_JDBC: 'JDBC',
  UNDO_SPRING_JDBC: 'UNDO_JDBC',
  SQL_STATE_SCRIPT: 'SQL_BASELINE',
  JDBC_STATE_SCRIPT: 'JDBC_BASELINE',
  SCRIPT_STATE_SCRIPT: 'SCRIPT_BASELINE',
};

/** A type of the history by its name of today. */
export function currentName(type: string): string {
  return Object.hasOwn(OLD_NAMES, type) ? (OLD_NAMES[type] ?? type) : type;
}

export function isUndo(type: string): boolean {
  return type.startsWith('UNDO_');
}

export function isBaseline(type: string): boolean {
  return type === 'BASELINE' || currentName(type).endsWith('_BASELINE');
}

/** Rows that stand for no script. */
export function isSynthetic(type: string): boolean {
  return type === 'SCHEMA' || type === 'BASELINE' || type === 'DELETE';
}
