import { columnRules } from './catalog/columns.ts';
import { compatibilityRules } from './catalog/compatibility.ts';
import { constraintRules } from './catalog/constraints.ts';
import { dataRules, transactionRules } from './catalog/data.ts';
import { fileRules } from './catalog/files.ts';
import { indexRules } from './catalog/indexes.ts';
import { isolationRules } from './catalog/isolation.ts';
import { securityRules } from './catalog/security.ts';
import { styleRules } from './catalog/style.ts';
import { tableRules } from './catalog/tables.ts';
import type { RuleCategory, RuleInfo, RuleText } from './rule.ts';

const lockRules = { ...indexRules, ...columnRules, ...constraintRules, ...tableRules, ...dataRules };

/** The stable code of a rule. */
export type RuleCode =
  | keyof typeof isolationRules
  | keyof typeof securityRules
  | keyof typeof lockRules
  | keyof typeof compatibilityRules
  | keyof typeof transactionRules
  | keyof typeof styleRules
  | keyof typeof fileRules;

/** A rule of the catalogue. */
export interface Rule extends RuleInfo {
  readonly code: RuleCode;
}

function withCategory<Code extends RuleCode>(
  category: RuleCategory,
  texts: Readonly<Record<Code, RuleText>>,
): readonly Rule[] {
  const rules: Rule[] = [];
  for (const [code, text] of Object.entries(texts) as [Code, RuleText][]) {
    rules.push({ code, category, ...text });
  }
  return rules;
}

/** Every rule, in the order of the documentation. */
export const RULES: readonly Rule[] = [
  ...withCategory('isolation', isolationRules),
  ...withCategory('security', securityRules),
  ...withCategory('lock', lockRules),
  ...withCategory('compatibility', compatibilityRules),
  ...withCategory('transaction', transactionRules),
  ...withCategory('style', styleRules),
  ...withCategory('file', fileRules),
];

const byCode: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.code, rule]));

/** The rule of a code; undefined where there is none. */
export function findRule(code: string): Rule | undefined {
  return byCode.get(code);
}

/** The rule of a code of the catalogue. */
export function ruleOf(code: RuleCode): Rule {
  const rule = byCode.get(code);
  if (rule === undefined) throw new Error(`no rule ${code}`);
  return rule;
}
