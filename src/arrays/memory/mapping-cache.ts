/** Keeps received arrays mapped for the next task, then lets them go. */

import { native } from '../../native/index.ts'
import type { Mapping } from './mapping.ts'

/** How long a mapping is kept after its last use; also the interval between checks. */
const idleMs = 500

/** Unused mappings are worth a hint to V8 from this size on, in bytes. */
const leastBytes = 8e6

/**
 * How often V8 is told of the same mappings. A hint starts a collection in steps, and does nothing while one is under
 * way: that one may have seen an array when it was still in use.
 */
const mostHints = 4

/** Time of last use, oldest first. */
const lastUses = new Map<Mapping, number>()
/** Mappings that nobody is known to use, by their numbers, with their bytes. They end when V8 has collected their buffers. */
const unused = new Map<number, number>()
/** When the last mapping was opened that is not kept. */
let passedAt = 0
let hintsLeft = 0
let timer: NodeJS.Timeout | undefined

/**
 * Keeps a mapping for a while after its last array is gone, since mapping 800 MB again costs 60 ms of page faults.
 * When large mappings expire, V8 is told that memory is wanted back; it then looks for them between other work.
 */
export function keepWarm(mapping: Mapping): void {
  unused.delete(mapping.id)
  lastUses.delete(mapping)
  lastUses.set(mapping, performance.now())
  start()
}

/** Notes a mapping that will hardly be opened again. V8 is told as for those that expire. */
export function notePassing({ id, byteLength }: Mapping): void {
  passedAt = performance.now()
  expire(id, byteLength)
}

function start(): void {
  timer ??= setInterval(dropIdle, idleMs).unref()
}

function expire(id: number, bytes: number): void {
  unused.set(id, bytes)
  hintsLeft = mostHints
  start()
}

function dropIdle(): void {
  const limit = performance.now() - idleMs
  const { size } = lastUses
  for (const [mapping, lastUse] of lastUses) {
    if (lastUse > limit) break
    lastUses.delete(mapping)
    expire(mapping.id, mapping.byteLength)
  }
  // Also while tasks keep coming: what V8 has collected by itself is not kept in mind.
  for (const id of unused.keys()) if (!isMapped(id)) unused.delete(id)
  if (lastUses.size < size || passedAt <= limit) hint()
  if (passedAt <= limit && hintsLeft === 0) unused.clear()
  if (lastUses.size > 0 || unused.size > 0) return
  clearInterval(timer)
  timer = undefined
}

/** Tells V8 of unused mappings that are still there, unless they are small or it was told often enough. */
function hint(): void {
  let bytes = 0
  for (const size of unused.values()) bytes += size
  if (hintsLeft > 0 && bytes >= leastBytes) native.hintMemoryPressure()
  hintsLeft = Math.max(0, hintsLeft - 1)
}

function isMapped(id: number): boolean {
  const hold = native.holdMapping(id)
  if (hold !== undefined) native.releaseHold(hold)
  return hold !== undefined
}
