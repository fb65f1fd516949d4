export { diffSchemas } from './diff.ts';
export { fingerprint } from './fingerprint.ts';
export { renderDiff, renderDiffJson } from './render.ts';
export { snapshotSchema } from './snapshot.ts';
export { SNAPSHOT_FORMAT } from './types.ts';
export type {
  Difference,
  DifferenceKind,
  Json,
  SchemaObject,
  SchemaSnapshot,
  SnapshotOptions,
} from './types.ts';
