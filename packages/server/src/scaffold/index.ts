export {
  frameworks,
  isProjectName,
  libraries,
  ownCommands,
  titles,
  type ApiProject,
  type Framework,
  type Library,
  type ProjectCommands,
} from './choices.ts';
export { composeApi, templates, type ProjectFiles } from './compose.ts';
export { checkout, linkedSpecifier, publishedSpecifier } from './origin.ts';
export { scaffoldApi, type ScaffoldInput } from './scaffold-api.ts';
export { isVacant, writeProject } from './write.ts';
