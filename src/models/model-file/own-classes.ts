/** Finds our own classes that a file names, imported or not. */

import { classOfName, ownPrefix } from '../../objects/internal.ts'
import { importClass } from '../../learn/internal.ts'

/**
 * Imports what registers those of our classes among `types` that are not yet; other names import nothing. Nothing that a file says chooses a
 * module: a name that no class of ours has leads nowhere.
 *
 * @param types - names of classes
 */
export async function importOwnClasses(types: readonly string[]): Promise<void> {
  const missing = types.filter((type) => isOwnClass(type) && classOfName(type) === undefined)
  if (missing.length === 0) return
  const found = await Promise.all(missing.map((type) => importClass(type.slice(ownPrefix.length))))
  if (found.includes(false)) await import('../../tables/index.ts')
}

/** Whether a name is one that only classes of onecopy can have. */
export function isOwnClass(type: string): boolean {
  return type.startsWith(ownPrefix)
}
