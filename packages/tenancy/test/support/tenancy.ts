export * from '../../src/index.ts';
export { sqlStateOf } from '../../src/errors.ts';
