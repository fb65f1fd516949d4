import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { randomBase32 } from '@tenantry/tenancy';
import { startBenchCell } from './lib/cell.ts';
import { openApi } from './lib/api.ts';
import { quantile } from './lib/statistics.ts';
import { Floor, fill } from './provision/floor.ts';
import { benchmarkSet, squashed, writeSet } from './provision/set.ts';
const dir = await mkdtemp(join(tmpdir(), 'bench-set-'));
const files = benchmarkSet();
await writeSet(dir, files);
const ddl = squashed(files);
const b = await startBenchCell(dir);
const laps = new Map<string, number[]>();
const add=(k:string,v:number)=>{ if(!laps.has(k)) laps.set(k,[]); laps.get(k)!.push(v)};
let events: [number, string, string][] = [];
if (process.argv[3]) {
  const orig = (pg.Client.prototype as any).query;
  (pg.Client.prototype as any).query = function (q: any, ...rest: any[]) {
    const t = performance.now();
    const label = `${this.connectionParameters.application_name}|${String(typeof q === 'string' ? q : q?.text ?? 'script').replace(/\s+/g, ' ').slice(0, 90)}`;
    const r = orig.call(this, q, ...rest);
    const p = q?.done ?? r;
    p?.then?.(() => events.push([t, label, (performance.now() - t).toFixed(2)]), () => events.push([t, label, 'ERR ' + (performance.now() - t).toFixed(2)]));
    return r;
  };
}
try {
  await fill(b.controlUrl, ddl, Number(process.argv[2] ?? 50));
  const plane = await b.startPlane();
  const api = await openApi(plane);
  const floor = await Floor.connect(b.controlUrl);
  let t0 = 0;
  for (let i = 0; i < 20; i++) {
    let t = performance.now();
    await floor.build(ddl);
    add('floor', performance.now() - t);
    events = [];
    t = performance.now(); t0 = t;
    await api.create('x' + randomBase32(8));
    add('total', performance.now() - t);
  }
  if (process.argv[3]) for (const [t, l, d] of events.sort((a, b) => a[0] - b[0])) console.log((t - t0).toFixed(1).padStart(7), d.padStart(8), l);
  const { rows } = await b.superuser.query(`select extract(epoch from o.started_at - o.created_at)*1000 as a_queue, extract(epoch from s0.started_at - o.started_at)*1000 b_take, extract(epoch from s0.finished_at - s0.started_at)*1000 as c_build, extract(epoch from s1.finished_at - s1.started_at)*1000 as d_probe, extract(epoch from o.finished_at - s1.finished_at)*1000 e_end, extract(epoch from o.finished_at - o.created_at)*1000 as f_op
    from tenantry.operations o join tenantry.operation_steps s0 on s0.operation_id=o.id and s0.name='build' join tenantry.operation_steps s1 on s1.operation_id=o.id and s1.name='probe' order by o.created_at offset 4`);
  for (const r of rows) for (const k in r) add(k, Number(r[k]));
  for (const [k, v] of [...laps].sort()) console.log(k.padEnd(20), quantile(v, .5).toFixed(2), quantile(v, .9).toFixed(2));
  await floor.end(); await api.close(); await plane.stop();
} finally { await b.stop(); }
