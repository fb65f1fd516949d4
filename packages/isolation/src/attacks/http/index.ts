export type { HttpRoute, HttpSpec, HttpTenant } from './spec.ts';
export { attackHttp, httpAttacks, type AttackHttpOptions } from './run.ts';
export { sharedAttacks } from './shared.ts';
export { controlPlaneSpec, type ControlPlaneSpecOptions } from './control-plane.ts';
