import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogChecks } from '../../src/checks/index.ts';
import {
  faultFamilies,
  faults,
  injectFaults,
  startFaultCopy,
  summariseFaults,
  type Fault,
  type FaultCopy,
} from '../../src/faults/index.ts';
import { oracleChecks } from '../../src/oracle.ts';

let copy: FaultCopy;

beforeAll(async () => {
  copy = await startFaultCopy();
});
afterAll(() => copy.stop());

describe('the catalogue', () => {
  test('has each fault once, in families that are all there', () => {
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
    expect(new Set(faults.map(({ family }) => family))).toEqual(new Set(faultFamilies));
    expect(faults.length).toBeGreaterThan(700);
  });

  test(
    'is found whole by the audit, on the right subject, and what changes rights by the oracle as well',
    { timeout: 1_200_000 },
    async () => {
      const { results } = await injectFaults({ ...copy, faults, mend: true });
      const told = results
        .filter(({ status }) => status !== 'found')
        .map(({ fault, status, reason }) => [fault.id, status, reason]);
      // Of these nobody who is no superuser can know; each says why.
      expect(told.map(([id, status]) => [id, status])).toEqual([
        ['roles.password.md5', 'skipped'],
        ['roles.password.known', 'skipped'],
        ['catalog.function.internal', 'skipped'],
        ['catalog.view.replaced', 'skipped'],
      ]);
      expect(
        results
          .filter(({ fault, oracle, status }) => status === 'found' && fault.rights && !oracle)
          .map(({ fault }) => fault.id),
      ).toEqual([]);
      // What a finding recommends makes it go away; one function is in use by another object of the same fault.
      expect(results.flatMap(({ fault, mended }) => (mended?.left.length ? [fault.id] : []))).toEqual([
        'global.transform',
      ]);
      const score = summariseFaults(results);
      expect(score).toMatchObject({ total: faults.length - 4, found: faults.length - 4, missed: [] });
      // A check that no fault has ever made fail may be one that cannot.
      const failed = new Set(results.flatMap(({ findings }) => findings.map(({ check }) => check)));
      const never = [...catalogChecks, ...oracleChecks].map(({ id }) => id).filter((id) => !failed.has(id));
      expect(never).toEqual([
        'registry.missing-schema',
        'registry.unknown-tenant',
        'registry.open',
        'schema.name',
        'reach.shared-login',
        'reach.ddl',
        'reach.fallback',
        'shared.security-label',
        'server.version',
        'server.encryption',
      ]);
    },
  );
});

describe('injecting', () => {
  const harmless: Fault = {
    id: 'test.harmless',
    family: 'tables',
    title: 'a change that weakens nothing',
    sql: 'ALTER TABLE {b}.fault_notes ALTER COLUMN secret SET STORAGE EXTERNAL',
    names: '{b}.fault_notes',
    by: [],
    rights: false,
    undo: null,
    unseen: null,
  };

  test('says so of a fault that nobody notices, and of one that cannot be put in', async () => {
    const impossible: Fault = {
      ...harmless,
      id: 'test.impossible',
      sql: 'ALTER TABLE {b}.fault_nothing ADD x int',
    };
    const elsewhere: Fault = {
      ...harmless,
      id: 'test.elsewhere',
      sql: 'GRANT SELECT ON {b}.fault_notes TO {a}',
      names: '{b}.other',
    };
    const { results } = await injectFaults({ ...copy, faults: [harmless, impossible, elsewhere] });
    expect(results.map(({ status }) => status)).toEqual(['missed', 'skipped', 'missed']);
    expect(results[1]!.reason).toContain('does not exist');
    expect(results[2]!.reason).toMatch(/^No finding names ".*\.other": privilege\.unknown table /);
    expect(summariseFaults(results)).toMatchObject({
      total: 2,
      found: 0,
      missed: [{ id: 'test.harmless' }, { id: 'test.elsewhere' }],
    });
  });

  test('leaves the copy as it was', async () => {
    const client = await copy.connect();
    const census = `SELECT (SELECT count(*) FROM pg_class) AS relations, (SELECT count(*) FROM pg_proc) AS functions, (SELECT count(*) FROM pg_roles) AS roles,
                           (SELECT count(*) FROM pg_database) AS databases, (SELECT md5(string_agg(name || setting, ',' ORDER BY name)) FROM pg_settings WHERE source <> 'session') AS settings`;
    try {
      const before = (await client.query(census)).rows;
      await injectFaults({
        ...copy,
        faults: faults.filter(({ id, undo }) => undo !== null || id.startsWith('comments.')),
      });
      expect((await client.query(census)).rows).toEqual(before);
    } finally {
      await client.end();
    }
  });

  test('refuses a login that is no superuser, and a copy that has findings already', async () => {
    const client = await copy.connect();
    try {
      await client.query(`GRANT CREATE ON SCHEMA public TO PUBLIC`);
      await expect(injectFaults({ ...copy, faults: [harmless] })).rejects.toMatchObject({
        code: 'ISOLATION_OPTION',
      });
    } finally {
      await client.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
      await client.end();
    }
    const asTenant = async () => {
      const one = await copy.connect();
      await one.query(`SET SESSION AUTHORIZATION tenantry_control`);
      return one;
    };
    await expect(injectFaults({ ...copy, connect: asTenant, faults: [harmless] })).rejects.toMatchObject({
      code: 'ISOLATION_RIGHTS',
    });
  });
});
