/** Lists the classes that a tree names. */

import { tagKey } from './tree.ts'

/** Instances of one class in a tree. */
export interface TreeType {
  /** The name that the class was registered under. */
  readonly type: string
  readonly count: number
}

/**
 * The names of all classes of which a tree has instances, in the order of their first, and how many.
 *
 * @param tree - JSON from anywhere; nodes that are malformed are passed over
 */
export function treeTypes(tree: unknown): readonly TreeType[] {
  const counts = new Map<string, number>()
  const rest: unknown[] = [tree]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next !== 'object' || next === null) continue
    const members = Object.values(next)
    const { [tagKey]: tag, type } = next as Readonly<Record<string, unknown>>
    if (tag === 'instance' && typeof type === 'string')
      counts.set(type, (counts.get(type) ?? 0) + 1)
    for (let i = members.length - 1; i >= 0; i--)
      if (typeof members[i] === 'object') rest.push(members[i])
  }
  return [...counts].map(([type, count]) => ({ type, count }))
}
