import type pg from 'pg';
import { residualRisks } from './attacks/index.ts';
import type { AttackedCell } from './attack-cell.ts';
import type { CheckResult, Finding } from './finding.ts';
import { describeServer } from './server.ts';
import type { FaultSummary, RunResult } from './result.ts';

/** What a look at the catalogs gives; see `auditCatalog` and `askOracle`. */
export interface Verified {
  readonly checks: readonly CheckResult[];
  readonly findings: readonly Finding[];
  readonly accepted: readonly Finding[];
  readonly tenants: number;
  readonly registered: number | null;
}

export interface RunOptions {
  /** Where, and as the control role. */
  readonly control: pg.ClientConfig;
  /** Looks at the catalogs; left out where only attacks are asked for. It comes first, when no canary is there yet. */
  readonly verify?: ((client: pg.Client) => Promise<Verified>) | undefined;
  /** Attacks; left out where only the catalogs are asked for. */
  readonly attack?: (() => Promise<AttackedCell>) | undefined;
  readonly faults?: (() => Promise<FaultSummary>) | undefined;
  /** Written into the report. */
  readonly version: string;
}

/**
 * One run with all the parts that are asked for. Rejects where a part cannot be run at all; what a part finds is in the result.
 *
 * ```ts
 * const result = await runIsolation({ control, attack: () => attackCell({ control }), version: '1.0.0' });
 * problemsOf(result); // []
 * ```
 */
export async function runIsolation({
  control,
  verify,
  attack,
  faults,
  version,
}: RunOptions): Promise<RunResult> {
  const startedAt = new Date().toISOString();
  const { server, tenants, verified } = await describeServer(control, verify);
  const attacked = await attack?.();
  const score = faults === undefined ? null : await faults();
  return {
    tool: { name: 'tenantry-isolation', version },
    startedAt,
    finishedAt: new Date().toISOString(),
    server,
    population: { tenants: verified?.tenants ?? tenants, registered: verified?.registered ?? null },
    checks: verified?.checks ?? [],
    findings: verified?.findings ?? [],
    accepted: verified?.accepted ?? [],
    attacks: attacked?.attacks ?? [],
    controls: attacked?.controls ?? [],
    residualRisks: attacked === undefined ? [] : residualRisks,
    faults: score,
    notes: attacked?.notes ?? [],
  };
}
