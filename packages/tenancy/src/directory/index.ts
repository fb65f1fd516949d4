export { controlPlaneDirectory } from './control-plane.ts';
export type { ControlPlaneOptions } from './options.ts';
export {
  domainPrefix,
  isDomain,
  isSlug,
  type Directory,
  type FindOptions,
  type Placement,
} from './placement.ts';
export { staticDirectory, type StaticDirectory } from './static.ts';
