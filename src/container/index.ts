/** The container file: aligned arrays and a schema in one zip archive. */

export {
  describeContainer,
  openContainer,
  type OpenContainer,
  type OpenContainerOptions,
} from './open-container.ts'
export type { StoredArray } from './read-array-header.ts'
export type { ContainerContents } from './read-container.ts'
export { type ContainerParts, saveContainer } from './save-container.ts'
