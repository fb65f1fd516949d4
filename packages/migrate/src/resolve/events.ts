const VERBS = ['Clean', 'Migrate', 'Undo', 'Validate', 'Baseline', 'Repair', 'Info', 'Deploy'];
const EACH = ['Migrate', 'MigrateStatement', 'Undo', 'UndoStatement'];

/** Events that a script can be named after. */
export const EVENTS: readonly string[] = [
  ...VERBS.flatMap((verb) => [`before${verb}`, `after${verb}`, `after${verb}Error`]),
  ...EACH.flatMap((verb) => [`beforeEach${verb}`, `afterEach${verb}`, `afterEach${verb}Error`]),
  'afterMigrateApplied',
  'afterVersioned',
  'beforeRepeatables',
  'beforeConnect',
  'afterConnect',
  'createSchema',
  'beforeCreateSchema',
];
