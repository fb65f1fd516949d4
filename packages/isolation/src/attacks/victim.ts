import pg from 'pg';
import type { AttackPair } from '../canaries.ts';
import type { AttackTarget, Session } from './target.ts';

type VictimSession = Session & { readonly pid: number };

/** A session of the victim that stands by while it is attacked, and comes back when an attack has ended it. */
export class Victim {
  readonly #target: AttackTarget;
  readonly #pair: AttackPair;
  #current: VictimSession | undefined;
  #opening: Promise<VictimSession> | undefined;

  private constructor(target: AttackTarget, pair: AttackPair) {
    this.#target = target;
    this.#pair = pair;
  }

  /** Rejects where the victim cannot log in. */
  static async on(target: AttackTarget, pair: AttackPair): Promise<Victim> {
    const victim = new Victim(target, pair);
    await victim.session();
    return victim;
  }

  /** The session, which is there and has the canary in the text of its last query. */
  session(): Promise<VictimSession> {
    return (this.#opening ??= this.#ready().finally(() => (this.#opening = undefined)));
  }

  async close(): Promise<void> {
    await this.#current?.release();
  }

  async #ready(): Promise<VictimSession> {
    const mine = `SELECT ${pg.escapeLiteral(this.#pair.b.canary)} AS mine`;
    try {
      if (this.#current !== undefined) {
        await this.#current.query(mine, 'L1');
        return this.#current;
      }
    } catch {
      await this.#current?.release();
    }
    this.#current = await this.#target.victim();
    await this.#current.query(mine, 'L1');
    return this.#current;
  }
}
