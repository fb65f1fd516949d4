/** An address of the console, and what tells that it is there. */
export interface Screen {
  readonly path: string;
  /** Something that is there when the screen has its data. */
  readonly shows: string;
}

/** Every screen, and of some a state that has a look of its own: a drawer, a filter that nothing fits, an error. */
export const screens: readonly Screen[] = [
  { path: '', shows: 'Tenants by state' },
  { path: 'tenants', shows: 'Northwind Traders' },
  { path: 'tenants?q=nobody-is-called-so', shows: 'No tenant matches' },
  { path: 'tenants/new', shows: 'Who is the tenant?' },
  { path: 'tenants/northwind', shows: 'Northwind Traders' },
  { path: 'tenants/northwind/schema', shows: 'flyway_schema_history' },
  { path: 'tenants/northwind/security', shows: 'sealed' },
  { path: 'tenants/northwind/activity', shows: 'local administrator' },
  { path: 'tenants/northwind/settings', shows: 'Northwind Traders' },
  { path: 'tenants/al-noor', shows: 'شركة النور' },
  { path: 'tenants/long-name', shows: 'Merchants, Navigators' },
  { path: 'tenants/t_aaaaaaaaaaaa', shows: 'There is no such tenant' },
  { path: 'operations', shows: 'northwind' },
  { path: 'isolation/posture', shows: 'SOC 2 CC6.1' },
  { path: 'isolation/posture?control=SOC2:CC6.1', shows: 'support this control' },
  { path: 'isolation/posture?view=checks', shows: 'checks' },
  { path: 'isolation/attacks', shows: 'attacks' },
  { path: 'isolation/findings', shows: 'Severity' },
  { path: 'isolation/findings?q=nothing-is-called-so', shows: 'No finding fits' },
  { path: 'isolation/evidence', shows: 'Verify the chain' },
  { path: 'isolation/events', shows: 'Role switch' },
  { path: 'audit', shows: 'local administrator' },
  { path: 'docs/reference?op=createTenant', shows: 'Idempotency-Key' },
  { path: 'docs/snippets?tenant=northwind', shows: 'Filled with northwind' },
  { path: 'docs/playground', shows: 'Run as both' },
  { path: 'settings', shows: 'Theme' },
  { path: 'settings/keys', shows: 'local administrator' },
  { path: 'settings/sessions', shows: 'This browser' },
  { path: 'settings/cells', shows: 'default' },
  { path: 'settings/readers', shows: 'reader' },
  { path: 'settings/options', shows: 'TENANTRY_HOME' },
  { path: 'nowhere/at-all', shows: 'There is no page at this address' },
];
