import type { FastifyInstance } from 'fastify';
import { TenantryError } from '../errors.ts';

export interface Health {
  /** Throws when a request could not be served now. */
  ready(): Promise<void>;
}

/** `/healthz`: the process lives. `/readyz`: it serves, the database is reached and the schema is installed. */
export function registerHealth(app: FastifyInstance, health: Health): void {
  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'alive' }));
  app.get('/readyz', { schema: { hide: true } }, async () => {
    try {
      await health.ready();
    } catch (error) {
      if (error instanceof TenantryError) throw error;
      throw new TenantryError('DATABASE_UNAVAILABLE', undefined, {}, error);
    }
    return { status: 'ready' };
  });
}
