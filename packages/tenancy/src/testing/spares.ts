import type { TenantId } from '../tenant-id.ts';
import { TestingError } from './errors.ts';

interface Waiting {
  readonly resolve: (tenant: TenantId) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Tenants that nobody has asked for yet. One at a time is built in the background: PostgreSQL's catalogs would make a second one
 * wait, and the tests have a processor to share with it.
 */
export class Spares {
  readonly #build: () => Promise<TenantId>;
  readonly #wanted: number;
  readonly #ready: TenantId[] = [];
  /** Who was faster than the building. */
  readonly #waiting: Waiting[] = [];
  #building: Promise<void> = Promise.resolve();
  #isBuilding = false;
  #closed = false;

  constructor(build: () => Promise<TenantId>, wanted: number) {
    this.#build = build;
    this.#wanted = wanted;
    this.#fill();
  }

  /** The next tenant; where none is ready it is built now. */
  take(): Promise<TenantId> {
    if (this.#closed)
      return Promise.reject(new TestingError('TESTING_OPTION', 'The test tenants were stopped.'));
    const tenant = this.#ready.shift();
    if (tenant !== undefined) {
      this.#fill();
      return Promise.resolve(tenant);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#fill();
    });
  }

  /** Begins nothing new; resolves when nothing is under way. Who still waits is told so. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#tellAll(new TestingError('TESTING_OPTION', 'The test tenants were stopped.'));
    await this.#building;
  }

  #fill(): void {
    if (!this.#isBuilding) this.#building = this.#work();
  }

  async #work(): Promise<void> {
    this.#isBuilding = true;
    while (!this.#closed && (this.#waiting.length > 0 || this.#ready.length < this.#wanted)) {
      try {
        const tenant = await this.#build();
        const first = this.#waiting.shift();
        if (first === undefined) this.#ready.push(tenant);
        else first.resolve(tenant);
      } catch (error) {
        // What fails once fails again: those who wait are told, and the next to ask tries anew.
        this.#tellAll(error);
        break;
      }
    }
    this.#isBuilding = false;
  }

  #tellAll(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
