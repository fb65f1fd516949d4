import { ownerOf, type TenantId } from '@tenantry/tenancy';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditCatalog } from '../../src/audit.ts';
import { startFaultCopy, type FaultCopy } from '../../src/faults/index.ts';
import { askOracle } from '../../src/oracle.ts';
import { fillCell } from '../support/fill.ts';

const count = 1_000;

let copy: FaultCopy;
let tenants: readonly TenantId[];
let client: pg.Client;

beforeAll(async () => {
  copy = await startFaultCopy({ tenants: 0 });
  tenants = await fillCell(copy, count);
  client = await copy.connect();
}, 600_000);
afterAll(async () => {
  await client.end();
  await copy.stop();
});

/** As the control role, in a transaction in which `sql` was run before, and which is rolled back. */
async function looked(sql: string) {
  await client.query('BEGIN');
  try {
    await client.query(`${sql}; SET LOCAL ROLE tenantry_control`);
    const audit = await auditCatalog(client, copy.layout, { inTransaction: true });
    const oracle = await askOracle(client, copy.layout, { inTransaction: true });
    return {
      audit,
      oracle,
      found: audit.findings.map(({ check, subject }) => `${check} ${subject}`),
      asked: oracle.findings.map(({ check, subject }) => `${check} ${subject}`),
    };
  } finally {
    await client.query('ROLLBACK');
  }
}

describe('a cell of 1,000 tenants of 20 tables', { timeout: 120_000 }, () => {
  test('has no finding, of the audit or of the oracle, which asks about every pair', async () => {
    const { audit, oracle, found, asked } = await looked('SELECT 1');
    expect([found, asked]).toEqual([[], []]);
    expect(audit.tenants).toBe(count);
    expect(oracle.pairs).toBe(oracle.allPairs);
    expect(oracle.pairs).toBeGreaterThan(3 * count * count);
  });

  test('has one when there is a single grant on one column among 20,000 tables', async () => {
    const [a, b] = [tenants[17]!, tenants[903]!];
    const { found, asked } = await looked(`GRANT SELECT (name) ON ${b}.things_7 TO ${a}`);
    expect(found).toEqual([`privilege.unknown column ${b}.things_7.name: SELECT for ${a}`]);
    expect(asked).toEqual([`oracle.relation ${b}.things_7: ${a}`]);
  });

  test('has one when there is a single membership among 1,000,000 possible ones', async () => {
    const [a, b] = [tenants[411]!, tenants[5]!];
    const { found, asked } = await looked(
      `GRANT ${ownerOf(b)} TO ${a} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
    );
    // An owner administers its own login, so that it gets as far as that.
    expect(found).toEqual([
      `member.unknown membership ${a} of ${ownerOf(b)} by postgres`,
      `reach.tenants role ${a}`,
      `reach.tenants role ${ownerOf(a)}`,
    ]);
    expect(asked).toContain(`oracle.member role ${a}: ${ownerOf(b)}`);
  });

  test('has the cause among the findings that are listed, where all tenants suffer from it', async () => {
    const { found, audit } = await looked(
      'REVOKE tenantry_tenants FROM tenantry_registrar GRANTED BY tenantry_control CASCADE',
    );
    const listed = found.filter((each) => each.startsWith('member.missing '));
    expect(listed).toHaveLength(201);
    expect(listed).toContain('member.missing membership tenantry_registrar of tenantry_tenants');
    expect(listed).toContain('member.missing and more');
    expect(audit.checks.find(({ check }) => check.id === 'member.missing')).toMatchObject({
      findings: count + 1,
    });
  });

  test('has one when a single foreign key leads from one to another', async () => {
    const [a, b] = [tenants[99]!, tenants[100]!];
    const { found } = await looked(
      `ALTER TABLE ${a}.things_1 ADD CONSTRAINT far FOREIGN KEY (id) REFERENCES ${b}.things_1 (id) NOT VALID`,
    );
    expect(found).toEqual([
      `dependency.tenants constraint far on table ${a}.things_1 of ${a} on column id of table ${b}.things_1`,
      `dependency.tenants constraint far on table ${a}.things_1 of ${a} on index ${b}.things_1_pkey`,
    ]);
  });
});
