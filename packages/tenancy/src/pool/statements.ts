const plainStart = /^\s*(?:select|insert|update|delete|with|merge|values|table)\b/i;
const commitStart = /^\s*(?:commit|end)\b/i;

/** True for a statement after which nothing is left in its session; false where that takes more than a look. */
export function isPlain(text: string): boolean {
  return plainStart.test(text);
}

/** True for a statement that makes a transaction's work durable. */
export function isCommit(text: string): boolean {
  return commitStart.test(text);
}
