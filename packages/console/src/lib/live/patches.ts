import type {
  EventMessage,
  Operation,
  OperationPage,
  OperationState,
  Step,
  Tenant,
} from '@tenantry/contract';
import type { QueryClient } from '@tanstack/react-query';
import { rememberTenant } from '../tenants/cache.ts';

/** Lists and sums are read again at most this often, however many events come. */
const reloadMs = 1_000;

/** Lists and sums that a topic makes stale, by the endpoint that gave them. */
const madeStale: Readonly<Record<string, readonly string[]>> = {
  tenants: [
    'listTenants',
    'getTenantFacets',
    'getOverview',
    'listCells',
    'listTenantTimeline',
    'getTenantAccess',
  ],
  operations: ['listOperations', 'getOverview', 'listTenantTimeline'],
  audit: ['getOverview'],
  cells: ['listCells'],
  readers: ['listReaders'],
  keys: ['listKeys'],
  sessions: ['listSessions'],
};

/**
 * Writes what an event says into the cached answers: what is on the screen changes at once, and lists whose order or sums
 * may have changed are read again soon after.
 */
export class CachePatcher {
  readonly #queries: QueryClient;
  readonly #stale = new Set<string>();

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  apply({ type, topics, data }: EventMessage): void {
    if (isTenant(data['tenant'])) rememberTenant(this.#queries, data['tenant']);
    if (type === 'operation.step') this.#step(data as unknown as StepNews);
    else if (type.startsWith('operation.')) this.#operation(data as unknown as OperationNews);
    for (const topic of topics) {
      for (const name of madeStale[topic] ?? extraStale.get(topic) ?? []) this.#soon(name);
    }
  }

  #operation(news: OperationNews): void {
    const patch = (known: Operation): Operation => {
      if (known.id !== news.operation || news.attempt < known.attempt) return known;
      return { ...known, state: news.state, attempt: news.attempt, error: news.error, ms: news.ms };
    };
    this.#patchOperation(news.operation, patch);
    // Times and the rollback step come with the whole.
    this.#soon('getOperation');
  }

  #step({ operation, attempt, step }: StepNews): void {
    this.#patchOperation(operation, (known) => {
      if (known.id !== operation || attempt < known.attempt) return known;
      const steps = known.steps.some(({ name }) => name === step.name)
        ? known.steps.map((item) => (item.name === step.name ? step : item))
        : [...known.steps, step];
      return { ...known, steps };
    });
  }

  #patchOperation(id: string, patch: (known: Operation) => Operation): void {
    this.#queries.setQueryData<Operation>(
      ['getOperation', { params: { operation: id } }],
      (known) => known && patch(known),
    );
    this.#queries.setQueriesData<OperationPage>(
      { queryKey: ['listOperations'] },
      (page) => page && { ...page, items: page.items.map(patch) },
    );
  }

  #soon(name: string): void {
    this.#stale.add(name);
    // The first of a moment sets the timer; the others go along.
    if (this.#stale.size > 1) return;
    setTimeout(() => {
      const names = [...this.#stale];
      this.#stale.clear();
      for (const endpoint of names) void this.#queries.invalidateQueries({ queryKey: [endpoint] });
    }, reloadMs);
  }
}

const extraStale = new Map<string, readonly string[]>();

/** Lets a screen say which of its reads a topic makes stale. */
export function staleOn(topic: string, names: readonly string[]): void {
  extraStale.set(topic, names);
}

interface OperationNews {
  readonly operation: string;
  readonly state: OperationState;
  readonly attempt: number;
  readonly error: Operation['error'];
  readonly ms: number | null;
}

interface StepNews {
  readonly operation: string;
  readonly attempt: number;
  readonly step: Step;
}

function isTenant(value: unknown): value is Tenant {
  return (
    typeof value === 'object' && value !== null && 'id' in value && 'version' in value && 'state' in value
  );
}
