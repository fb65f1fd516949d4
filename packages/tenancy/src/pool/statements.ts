/**
 * What may stand before the first word of a statement: space, comments and empty statements. A comment within a comment is not
 * known, so that what follows the inner one is never taken for the first word.
 */
const before = String.raw`(?:[\s;]|--[^\n\r]*(?:[\n\r]|$)|/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/)*`;

const beginsWith = (words: string): RegExp => new RegExp(`^${before}(?:${words})`, 'i');

const plain = beginsWith(String.raw`(?:select|insert|update|delete|with|merge|values|table)\b`);
const commit = beginsWith(String.raw`(?:commit|end)\b`);
const boundary = beginsWith(
  String.raw`(?:begin|start\s+transaction|commit|end|abort|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b)|prepare\s+transaction)\b`,
);

/** True for a statement after which nothing is left in its session; false where that takes more than a look. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

/** True for a statement that makes a transaction's work durable. */
export function isCommit(text: string): boolean {
  return commit.test(text);
}

/** True for a statement that begins or ends a transaction; not for one that goes back to a savepoint. */
export function isBoundary(text: string): boolean {
  return boundary.test(text);
}
