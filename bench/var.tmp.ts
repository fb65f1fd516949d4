import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBenchCell } from './lib/cell.ts';
import { interleave, timed } from './lib/interleave.ts';
import { quantile } from './lib/statistics.ts';
import { Floor, fill } from './provision/floor.ts';
import { buildWithProduct } from './provision/build.ts';
import { benchmarkSet, squashed, writeSet } from './provision/set.ts';
const dir = await mkdtemp(join(tmpdir(), 'bench-set-'));
const files = benchmarkSet();
await writeSet(dir, files);
const ddl = squashed(files);
const b = await startBenchCell(dir);
const history = `CREATE TABLE flyway_schema_history ("installed_rank" INT NOT NULL,
  "version" VARCHAR(50),
  "description" VARCHAR(200) NOT NULL,
  "type" VARCHAR(20) NOT NULL,
  "script" VARCHAR(1000) NOT NULL,
  "checksum" INTEGER,
  "installed_by" VARCHAR(100) NOT NULL,
  "installed_on" TIMESTAMP NOT NULL DEFAULT pg_catalog.now(),
  "execution_time" INTEGER NOT NULL,
  "success" BOOLEAN NOT NULL
); ALTER TABLE flyway_schema_history ADD CONSTRAINT h_pk PRIMARY KEY ("installed_rank"); CREATE INDEX h_s ON flyway_schema_history (success);`;
const marker = `SELECT CASE WHEN NOT current_user OPERATOR(pg_catalog.=) 'x' THEN pg_catalog.concat('a', current_user)::text WHEN NOT pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) 'x' THEN 'b' ELSE EXTRACT(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.text END;`;
const marked = files.map((f) => f.sql + marker).join('\n');
const hist1 = history.replace('ALTER TABLE flyway_schema_history ADD CONSTRAINT h_pk PRIMARY KEY ("installed_rank");','').replace('"success" BOOLEAN NOT NULL','"success" BOOLEAN NOT NULL, CONSTRAINT h_pk PRIMARY KEY ("installed_rank")');
try {
  await fill(b.controlUrl, ddl, Number(process.argv[2] ?? 50));
  const f = await Floor.connect(b.controlUrl);
  const ms = await interleave(40, {
    floor: () => timed(() => f.build(ddl)),
    history: () => timed(() => f.build(history + ddl)),
    hist1: () => timed(() => f.build(hist1 + ddl)),
    marked: () => timed(() => f.build(marked)),
    product: () => timed(() => buildWithProduct(b)),
  });
  for (const k in ms) console.log(k.padEnd(10), quantile((ms as any)[k], .5).toFixed(2), quantile((ms as any)[k], .1).toFixed(2));
  await f.end();
} finally { await b.stop(); }
