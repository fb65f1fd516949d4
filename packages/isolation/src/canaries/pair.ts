/** One of the two tenants of a run: names that attacks put into SQL, and what is in its rows. */
export interface AttackedTenant {
  readonly schema: string;
  /** What its SQL runs as. */
  readonly role: string;
  /** Who owns its schema. */
  readonly owner: string;
  /** A word that is in every row of it and nowhere else. */
  readonly canary: string;
}

/** Attacker and victim of a run, and what attacks name besides. */
export interface AttackPair {
  readonly run: string;
  readonly a: AttackedTenant;
  readonly b: AttackedTenant;
  readonly address: { readonly database: string };
  readonly controlRole: string;
  readonly superuser: string;
  /** Object id of the victim's table. */
  readonly table: number;
  /** A large object of the victim; undefined where it has none. */
  readonly largeObject: number | undefined;
  /** Removes all that was made. Harmless when called again. */
  remove(): Promise<void>;
}
