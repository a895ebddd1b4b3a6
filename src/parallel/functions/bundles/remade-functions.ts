/** Warns of functions that a program makes anew for each task. */

import { RecentMap } from '../../../recent-map.ts'
import type { SentFunction } from '../contract/bundle.ts'
import { originalPlace } from '../contract/original-place.ts'
import { spotText } from '../contract/refusals.ts'
import { isReference } from '../contract/reference.ts'

/** So many of one place are more than different captured values explain. */
const most = 1000

/** How many were packed, by the place of their source. */
const counts = new RecentMap<string, number>(100)
/** Those that are counted: each pool packs a function anew. */
const counted = new WeakSet<object>()

/**
 * Counts a function that no pool has packed before, and warns once of the place in a program where very many are made:
 * each is looked into, sent and compiled by itself, which takes longer than most tasks.
 */
export function countRemade(fn: object, sent: SentFunction): void {
  const node = isReference(sent) ? undefined : sent.nodes[0]
  if (node?.kind !== 'source' || counted.has(fn)) return
  counted.add(fn)
  const { url, line, column, name } = node
  const key = `${url}:${line}:${column}`
  const count = (counts.get(key) ?? 0) + 1
  counts.set(key, count)
  if (count !== most) return
  const what = name === '' ? 'The function' : `The function \`${name}\``
  process.emitWarning(
    `${what} at ${spotText(originalPlace(url, line, column))} was made anew for each of ${most} tasks, and each had to be packed, sent and compiled by itself. Make it once, before the loop, and pass what differs as arguments: delayed(fn)(x).`,
    { type: 'OneCopyWarning', code: 'ONECOPY_FUNCTION_REMADE' },
  )
}
