import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Placement } from '../../src/directory/index.ts';
import type { Connection } from '../../src/pool/connection.ts';
import { TenantLine, type Waiter } from '../../src/pool/tenant-line.ts';
import { Turns } from '../../src/pool/turns.ts';
import { newTenantId } from '../../src/tenant-id.ts';

let turns: Turns;
beforeEach(() => {
  turns = new Turns(
    { maximumPerTenant: 4, connectionTimeout: 60_000 },
    () => {},
    () => {},
  );
});
afterEach(() => turns.refuseEverybody(new Error('The test is over.')));

const line = (): TenantLine => new TenantLine({ tenant: newTenantId() } as Placement);
const waiter = (): Waiter => ({
  kind: 'hold',
  since: 0,
  deadline: Infinity,
  resolve: () => {},
  reject: () => {},
});
/** A free slot whose backend has served these. */
const slot = (...lines: readonly TenantLine[]): Connection =>
  ({ lane: 'leased', visited: new Set(lines.map(({ tenant }) => tenant)) }) as unknown as Connection;

test('a stranger is passed over eight times each time that it waits, and no more', () => {
  const [stranger, known] = [line(), line()];
  const free = slot(known);
  for (let round = 0; round < 3; round++) {
    turns.push(stranger, waiter());
    for (let n = 0; n < 8; n++) {
      turns.push(known, waiter());
      expect(turns.inTurn(free)[0], `round ${round}, time ${n}`).toBe(known);
      turns.shift(known);
    }
    turns.push(known, waiter());
    expect(turns.inTurn(free)[0]).toBe(stranger);
    turns.shift(stranger);
    turns.shift(known);
  }
});

test('one that is known and waits behind sixteen others is not preferred', () => {
  const strangers = Array.from({ length: 16 }, line);
  for (const each of strangers) turns.push(each, waiter());
  const known = line();
  turns.push(known, waiter());
  expect(turns.inTurn(slot(known))[0]).toBe(strangers[0]);
  turns.shift(strangers[0]!);
  expect(turns.inTurn(slot(known))[0]).toBe(known);
});
