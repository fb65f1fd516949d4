import { startCell, asOwner, EXTENSIONS } from './test/support/cell.ts';
import { applyToEmptySchema, loadMigrations } from './src/index.ts';
import { prepareSet } from './src/lint.ts';
const cell = await startCell();
const med = (a: number[]) => a.toSorted((x, y) => x - y)[a.length >> 1]!;
const min = (a: number[]) => Math.min(...a);
const dir = process.argv[2]!;
try {
  const set = await loadMigrations({ locations: [dir] });
  const parts: Record<string, number[]> = {};
  const all: number[] = [],
    one: number[] = [];
  for (let i = 1; i <= 40; i++) {
    const run = async () => {
      const tenant = await cell.newSchema();
      const o = {
        schema: tenant.schema,
        allowedExtensions: EXTENSIONS,
        placeholders: { ohdsiSchema: tenant.schema },
      };
      let t = performance.now();
      await asOwner(cell.client, tenant, async () => {
        const orig = cell.client.query.bind(cell.client) as any;
        (cell.client as any).query = (...a: any[]) => {
          const t0 = performance.now();
          const r = orig(...a);
          void (r.done ?? r).then(() => {
            const k = a[0].submit
              ? 'main'
              : String(a[0]).includes('WITH owned')
                ? 'check'
                : String(a[0]).includes('migrate_check')
                  ? 'session'
                  : 'insert';
            (parts[k] ??= []).push(performance.now() - t0);
          });
          return r;
        };
        const t0 = performance.now();
        await applyToEmptySchema(cell.client, set, o);
        (parts['call'] ??= []).push(performance.now() - t0);
        (cell.client as any).query = orig;
      });
      all.push(performance.now() - t);
    };
    const floor = async () => {
      const t2 = await cell.newSchema();
      const p2 = await prepareSet(
        set,
        { schema: t2.schema, allowedExtensions: EXTENSIONS, placeholders: { ohdsiSchema: t2.schema } },
        { user: t2.owner, database: 'cell', grantees: [t2.schema] },
      );
      const ps = p2.files.map(({ text, compiled }) => {
        let r = '',
          f = 0;
        for (const e of compiled.edits) {
          r += text.slice(f, e.start) + e.text;
          f = e.end;
        }
        return r + text.slice(f) + '\n;\n';
      });
      const t = performance.now();
      await asOwner(cell.client, t2, () => cell.client.query(ps.join('')));
      one.push(performance.now() - t);
    };
    if (i % 2) {
      await run();
      await floor();
    } else {
      await floor();
      await run();
    }
  }
  console.log(
    'files',
    set.migrations.length,
    'all',
    med(all).toFixed(1),
    'one',
    med(one).toFixed(1),
    'ratio',
    (med(all) / med(one)).toFixed(2),
    'min ratio',
    (min(all) / min(one)).toFixed(2),
  );
  for (const k in parts) console.log(k, med(parts[k]!).toFixed(2));
} finally {
  await cell.stop();
}
