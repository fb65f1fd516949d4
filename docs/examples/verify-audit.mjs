// Checks an export of the audit trail without Tenantry and without a database.
// Usage: node verify-audit.mjs <export.jsonl> [<a head that was noted earlier>]
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const [file, noted] = process.argv.slice(2);
const json = (value) => (value === null ? null : JSON.stringify(value));
const field = (text) => (text === null ? '-' : `${Buffer.byteLength(text)}:${text}`);
const hashOf = (e) => {
  const { actor, target } = e;
  const who = [actor.kind, actor.id, actor.name, e.action, e.outcome, target.kind, target.id, e.tenantId];
  const what = [json(e.before), json(e.after), e.reason, e.requestId, e.sourceIp];
  const fields = [e.prevHash, String(e.seq), e.id, e.at, ...who, ...what];
  return createHash('sha256').update(fields.map(field).join('')).digest('hex');
};

let [seq, head, seen] = [0, '0'.repeat(64), noted === undefined];
const fail = (problem) => {
  console.error(problem);
  process.exit(1);
};
for await (const line of createInterface({ input: createReadStream(file) })) {
  const event = JSON.parse(line);
  if (event.seq !== seq + 1) fail(`Row ${seq + 1} is missing: it was removed, or the export was filtered.`);
  if (event.hash !== hashOf(event)) fail(`Row ${event.seq} was changed: its contents do not give its hash.`);
  if (event.prevHash !== head) fail(`Row ${event.seq} does not follow row ${seq}: one of them was replaced.`);
  ({ seq, hash: head } = event);
  seen ||= head === noted;
}
if (!seen) fail('The noted head is not in this chain: rows were cut off, or the chain was written anew.');
console.log(`${seq} rows fit. Head: ${head}`);
