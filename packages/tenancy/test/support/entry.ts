import { vi } from 'vitest';
import { Connection, type Entry } from '../../src/pool/connection.ts';

type Enter = (this: Connection, entry: Entry) => void;

/** Does something in place of each change of tenant, which `go` makes; until the mocks are restored. */
export function atEachEntry(
  does: (connection: Connection, entry: Entry, go: (entry: Entry) => void) => void,
): void {
  const { enterWithNext } = Connection.prototype as unknown as Record<'enterWithNext', Enter>;
  vi.spyOn(Connection.prototype, 'enterWithNext').mockImplementation(function (this: Connection, entry) {
    does(this, entry, (changed) => enterWithNext.call(this, changed));
  });
}
