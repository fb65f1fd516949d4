/**
 * How much of the SQL the attacker writes. `L1`: what is injected into one parameterised SELECT. `L2`: whole statements, one
 * at a time. `L3`: several in one text. `poison`: what it leaves in a session that another tenant gets next. `http`: a request.
 */
export type AttackLevel = 'L1' | 'L2' | 'L3' | 'poison' | 'http';

/** What an attack is after. */
export type AttackFamily =
  | 'read'
  | 'write'
  | 'become'
  | 'define'
  | 'server'
  | 'disturb'
  | 'lease'
  | 'poison'
  | 'residual'
  | 'http';

/** The usual ways without Tenantry, on which attacks have to succeed: that shows that the statements are right. */
export type ControlName = 'search_path' | 'set role';

/** What an attack cannot do without: it is skipped, with the reason, where that is missing. */
export type AttackNeed =
  /** Both tenants have roles of their own. */
  | 'roles'
  /** A login of its own, whose stored settings are nobody else's. */
  | 'login'
  /** An owner apart from the login. */
  | 'owners'
  /** The groups of a Tenantry cell. */
  | 'tenantry'
  /** Broker, slots and lease functions. */
  | 'leases';

/** A statement of the attacker, one of the victim in between, or a new connection of the attacker. */
export type Step = string | { readonly victim: string } | { readonly reconnect: true };

/**
 * One thing that a tenant tries against another, as data. In its statements `{a}` is the attacker's schema and `{b}` the
 * victim's; `{a.role}`, `{b.role}`, `{a.owner}` and `{b.owner}` their roles; `{pid}` a backend of the victim, `{lo}` a large object
 * of it, `{table}` the object id of its table `notes`; `{database}`, `{control}` and `{superuser}` what is called so. Names
 * stand in for themselves where SQL takes an identifier, and inside of a string.
 *
 * Where it succeeds it must do no harm but to the two canary tenants: it is undone, or its argument is harmless.
 *
 * ```ts
 * const attack: Attack = {
 *   id: 'read.union', family: 'read', level: 'L1', title: 'a union', expected: ['42501'], hits: ['search_path'],
 *   steps: ['SELECT body FROM notes UNION ALL SELECT body FROM {b}.notes'],
 * };
 * ```
 */
export interface Attack {
  /** `family.name`; it never changes, since findings are told apart by it. */
  readonly id: string;
  readonly family: AttackFamily;
  readonly level: AttackLevel;
  /** What is tried, in a few words. */
  readonly title: string;
  readonly steps: readonly Step[];
  /**
   * SQLSTATEs that PostgreSQL may answer, of the first step that is refused. `00000`: all steps may run, and must bring nothing
   * of the victim. A `00000` that is not listed is a hit; anything else that is not listed is an answer nobody expected.
   */
  readonly expected: readonly string[];
  /** Controls on which it has to succeed. */
  readonly hits: readonly ControlName[];
  /** It succeeds in every database that tenants share: the id of what the report says of that. */
  readonly residual?: string;
  readonly needs?: readonly AttackNeed[];
  /** Must not run beside others: it waits for locks, or touches what they look at. */
  readonly alone?: boolean;
  /** What must not be in an answer besides the canary: contents of the server's files, for instance. */
  readonly leaks?: readonly string[];
  /** Undoes what succeeded, where it is the attacker's own. */
  readonly cleanup?: readonly string[];
  /** Of a poison: a query of the next tenant whose answer must be that of a fresh connection. */
  readonly look?: string;
}

/** An attack with its defaults filled in: refused with insufficient_privilege, and on no control. */
export type AttackOptions = Partial<Omit<Attack, 'id' | 'family' | 'level' | 'title' | 'steps'>>;

/** insufficient_privilege, which is what most attacks must get. */
export const denied = '42501';
/** All ran. */
export const allowed = '00000';
/** syntax_error: what the extended protocol says to several statements in one text. */
export const severalStatements = '42601';
/** A GRANT that granted nothing: PostgreSQL warns and succeeds. */
export const nothingGranted = '01007';

/** The functions that make the attacks of a family, one for each level. */
export function family(name: AttackFamily) {
  const make =
    (level: AttackLevel) =>
    (id: string, title: string, steps: Step | readonly Step[], options: AttackOptions = {}): Attack => ({
      id: `${name}.${id}`,
      family: name,
      level,
      title,
      steps: Array.isArray(steps) ? (steps as readonly Step[]) : [steps as Step],
      expected: level === 'L3' ? [denied, severalStatements] : [denied],
      hits: [],
      ...options,
    });
  return { l1: make('L1'), l2: make('L2'), l3: make('L3'), poison: make('poison') };
}

/** An attack in a transaction that nobody commits: where it succeeds, as on a control, the next one finds both tenants as they were. */
export function inTransaction(attack: Attack): Attack {
  return { ...attack, steps: ['BEGIN', ...attack.steps] };
}
