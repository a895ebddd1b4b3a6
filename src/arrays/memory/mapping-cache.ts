/** Keeps what came by reference mapped for the next task. */

import { native } from '../../native/index.ts'
import type { Mapping } from './mapping.ts'

/** How long a mapping is kept after its last use, and how often that is looked at. */
const idleMs = 500

/** When each was last used; from the one used longest ago. */
const lastUses = new Map<Mapping, number>()
let timer: NodeJS.Timeout | undefined

/**
 * Keeps a mapping for a while, though no array of it lives: to map 800 MB again costs a new worker's task
 * 60 ms of page faults. A thread that has nothing to do then has V8 look for it, between other work.
 */
export function keepWarm(mapping: Mapping): void {
  lastUses.delete(mapping)
  lastUses.set(mapping, performance.now())
  timer ??= setInterval(dropIdle, idleMs).unref()
}

function dropIdle(): void {
  const limit = performance.now() - idleMs
  let bytes = 0
  for (const [mapping, lastUse] of lastUses) {
    if (lastUse > limit) break
    lastUses.delete(mapping)
    bytes += mapping.byteLength
  }
  if (bytes >= leastBytes) native.hintMemoryPressure()
  if (lastUses.size > 0) return
  clearInterval(timer)
  timer = undefined
}

/** Less is left to V8. */
const leastBytes = 8e6
