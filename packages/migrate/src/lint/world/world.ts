import type { Tree } from '../../grammar.ts';
import { isTree } from '../../grammar.ts';
import { names } from '../tree.ts';
import { joinName, rangeParts } from './names.ts';
import type { RelationName } from './names.ts';
import { bareRelation } from './relation.ts';
import type { Column, Constraint, Relation, RelationKind } from './relation.ts';

/** A function or a type: which file made it, and for a function whether its value can change from call to call. */
export interface Made {
  readonly birth: number;
  readonly volatile: boolean;
}

/** Temporary objects are nobody else's in any file. */
const ALWAYS_NEW = Number.POSITIVE_INFINITY;

/**
 * What the files read so far have made. A table is *new* where no other session can be using it: made by the file at
 * hand or, when it is known which files are applied, by another file of the same run.
 */
export class World {
  readonly #schema: string | null;
  readonly #relations = new Map<RelationName, Relation>();
  readonly #functions = new Map<string, Made>();
  readonly #types = new Map<string, Made>();
  #file = 0;
  #newFrom = 0;

  constructor(schema: string | null) {
    this.#schema = schema;
  }

  /** Goes on to the next file; what files from `newFrom` on make is new. */
  enter(file: number, newFrom: number): void {
    this.#file = file;
    this.#newFrom = newFrom;
  }

  /** Ordinal of the file at hand. */
  get file(): number {
    return this.#file;
  }

  name(range: unknown): RelationName {
    return isTree(range) ? joinName(rangeParts(range), this.#schema) : '';
  }

  nameOf(parts: unknown): RelationName {
    return joinName(names(parts), this.#schema);
  }

  relation(name: RelationName): Relation | undefined {
    return this.#relations.get(name);
  }

  /** True where other sessions may be using the relation: it is not new, or no file is known to have made it. */
  inUse(name: RelationName): boolean {
    return name !== '' && (this.#relations.get(name)?.birth ?? -1) < this.#newFrom;
  }

  create(name: RelationName, kind: RelationKind, range: unknown): Relation {
    const temporary = isTree(range) && range['relpersistence'] === 't';
    const relation = bareRelation(kind, temporary ? ALWAYS_NEW : this.#file);
    this.#relations.set(name, relation);
    return relation;
  }

  change(name: RelationName, change: (relation: Relation) => Partial<Relation>): void {
    if (name === '') return;
    const known = this.#relations.get(name) ?? bareRelation('table', -1);
    this.#relations.set(name, { ...known, ...change(known) });
  }

  setColumn(table: RelationName, column: string, value: Column | null): void {
    this.change(table, ({ columns }) => ({ columns: withEntry(columns, column, value) }));
  }

  setConstraint(table: RelationName, name: string, value: Constraint | null): void {
    this.change(table, ({ constraints }) => ({ constraints: withEntry(constraints, name, value) }));
  }

  drop(name: RelationName): void {
    this.#relations.delete(name);
  }

  rename(from: RelationName, to: RelationName): void {
    const relation = this.#relations.get(from) ?? bareRelation('table', -1);
    this.#relations.delete(from);
    this.#relations.set(to, relation);
  }

  function(name: string): Made | undefined {
    return this.#functions.get(name);
  }

  type(name: string): Made | undefined {
    return this.#types.get(name);
  }

  isNew(made: Made | undefined): boolean {
    return made !== undefined && made.birth >= this.#newFrom;
  }

  makeFunction(name: string, volatile: boolean): void {
    this.#functions.set(name, { birth: this.#functions.get(name)?.birth ?? this.#file, volatile });
  }

  makeType(name: string): void {
    this.#types.set(name, { birth: this.#file, volatile: false });
  }

  /** The tables with row level security that a query reads. */
  guarded(ranges: readonly Tree[]): readonly RelationName[] {
    return ranges
      .map((range) => this.name(range))
      .filter((name) => this.relation(name)?.rowSecurity === true);
  }
}

function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V | null): ReadonlyMap<string, V> {
  const copy = new Map(map);
  if (value === null) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
