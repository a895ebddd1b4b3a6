/** Finds our own classes that a file names, imported or not. */

import { classOfName, ownPrefix } from '../../objects/internal.ts'

/** The doors that register classes; nothing that a file says chooses a module. */
const doors: readonly (() => Promise<unknown>)[] = [
  () => import('../../tables/index.ts'),
  () => import('../../learn/index.ts'),
]

/**
 * Imports our modules one after the other until all of our classes among `types` are registered. Other names import nothing.
 *
 * @param types - names of classes
 */
export async function importOwnClasses(types: readonly string[]): Promise<void> {
  for (const door of doors) {
    const isMissing = types.some((type) => isOwnClass(type) && classOfName(type) === undefined)
    if (!isMissing) return
    await door()
  }
}

/** Whether a name is one that only classes of onecopy can have. */
export function isOwnClass(type: string): boolean {
  return type.startsWith(ownPrefix)
}
