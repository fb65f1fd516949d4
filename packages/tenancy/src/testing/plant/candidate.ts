/** The column's own default. */
export const byDefault = Symbol('DEFAULT');

/** A value in PostgreSQL's text form, NULL, or the default; made of a tenant's canary, which it may contain. */
export type Value = (canary: string) => string | null | typeof byDefault;

/** A value that may be put into a column. */
export interface Candidate {
  readonly value: Value;
  readonly isCanary: boolean;
}

/** What a column is among others. */
export interface Role {
  /** Part of a key: the same in both tenants, so without a canary, and different in every row. */
  readonly isKey: boolean;
  /** One value must not stand in two rows. */
  readonly isUnique: boolean;
  /** For numbers: above everything that stands there. */
  readonly above: bigint;
}

/** A value that is the same in both tenants. */
export function fixed(text: string): Candidate {
  return other(() => text);
}

/** One that is no canary. */
export function other(value: Value): Candidate {
  return { value, isCanary: false };
}

/** One with the canary in it. */
export function bearing(value: Value): Candidate {
  return { value, isCanary: true };
}
