import Cursor from 'pg-cursor';
import { expect, test } from 'vitest';
import { tenantPool, withClient } from '../../src/adapters/pg.ts';
import type { Tenancy } from '../../src/index.ts';
import { dataSuite, type Library, type Row } from './data-suite.ts';

function libraryOf(tenancy: Tenancy): Library {
  const pool = tenantPool(tenancy);
  const insert = 'INSERT INTO notes (id, body) VALUES ($1, $2)';
  return {
    list: async () => (await pool.query<Row>('SELECT id, body FROM notes ORDER BY id')).rows,
    one: async (id) => (await pool.query<Row>('SELECT id, body FROM notes WHERE id = $1', [id])).rows[0],
    insertAndList: ({ id, body }, fail) =>
      withClient(tenancy, async (client) => {
        await client.query('BEGIN');
        await client.query(insert, [id, body]);
        if (fail) throw fail;
        const { rows } = await client.query<Row>('SELECT id, body FROM notes');
        await client.query('COMMIT');
        return rows;
      }),
    async insertTwice({ id, body }) {
      await pool.query(insert, [id, body]);
      await pool.query(insert, [id, body]);
    },
  };
}

dataSuite('pg', libraryOf, ({ tenancy, tenants }) => {
  test('what a function leaves in the session is not there for the next one', async () => {
    const [a] = tenants();
    await tenancy().run(a.id, async () => {
      const ask = "SELECT current_setting('statement_timeout') AS timeout";
      for (const sql of [
        "SET statement_timeout = '1234ms'",
        "BEGIN; SET LOCAL statement_timeout = '1234ms'",
      ]) {
        const failed = withClient(tenancy(), async (client) => {
          for (const statement of sql.split('; ')) await client.query(statement);
          throw new Error('failed');
        });
        await expect(failed).rejects.toThrow('failed');
        const { rows } = await withClient(tenancy(), async (client) =>
          client.query<{ timeout: string }>(ask),
        );
        expect(rows[0]!.timeout).not.toBe('1234ms');
      }
    });
  });

  test('a cursor of pg-cursor reads in parts, and one that is left open takes its connection with it', async () => {
    const [a, b] = tenants();
    const text = 'SELECT id, body FROM notes ORDER BY id';
    const pidOf = async (of: string): Promise<number> =>
      (
        await tenancy()
          .for(of as typeof a.id)
          .query('SELECT pg_backend_pid() AS pid')
      ).rows[0]!.pid;
    for (const { id } of [a, b]) {
      const read = await tenancy().run(id, () =>
        withClient(tenancy(), async (client) => {
          const cursor = client.query(new Cursor<Row>(text));
          const rows = [...(await cursor.read(2)), ...(await cursor.read(100))];
          await cursor.close();
          return rows;
        }),
      );
      expect(read).toEqual((await tenancy().for(id).query(text)).rows);
    }
    let open = 0;
    await tenancy().run(a.id, () =>
      withClient(tenancy(), async (client) => {
        open = (client as unknown as { processID: number }).processID;
        await client.query(new Cursor<Row>(text)).read(1);
      }),
    );
    expect(await pidOf(a.id)).not.toBe(open);
  });
});
