/**
 * Canaries: tenants that a run makes for itself, attacks, and removes. A run reads no other tenant's rows.
 */
export { isCanaryRole } from './canaries/names.ts';
export type { AttackedTenant, AttackPair } from './canaries/pair.ts';
export { plantCanaries, type CanaryPair, type CanaryTenant, type PlantOptions } from './canaries/plant.ts';
export { sweepCanaries, type Swept } from './canaries/sweep.ts';
export {
  plantSchemas,
  type PlantSchemasOptions,
  type SchemaPair,
  type SchemaRecipe,
} from './canaries/schemas.ts';
