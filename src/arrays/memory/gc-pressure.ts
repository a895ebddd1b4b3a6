/** Has arrays that were dropped collected in time, at little cost. */

import { collectGarbage } from '../../garbage.ts'
import { native } from '../../native/index.ts'

/** After so many bytes of new large memory V8 is asked which of its young objects are still in use: soon … */
const soonBytes = 8e6

/** … or at once. */
const onceBytes = 24e6

/** So much more than there was at least since the last full collection, or as much again, calls for the next one … */
const mostOldBytes = 64 * 2 ** 20

/** … and so much does where a full collection costs little, as on a small heap: … */
const leastOldBytes = 24e6

/** … less than one part in so many of the time since the last one. */
const costRatio = 20

let youngBytes = 0
let isDue = false
let leastBytes = 0
let cheapFromMs = 0

/**
 * Notes memory that may be short-lived, like a result that its reader drops. When it is much, what was
 * dropped is collected once the running code has come to a rest: its variables hold less then.
 *
 * V8 does not know how much hangs on the few words of an array. Told of it, it collects everything after 64 MB
 * more, which takes milliseconds on a small heap and seconds on a large one, and a stream of 16 MB results
 * holds some 15 of them. A collection of young objects alone takes 0.3 ms on any heap, and mostly finds what
 * was dropped. Full ones follow as the memory that is kept doubles, and sooner where they are cheap.
 */
export function noteYoungMemory(bytes: number): void {
  youngBytes += bytes
  if (youngBytes < soonBytes || isDue) return
  isDue = true
  setImmediate(() => {
    isDue = false
    collectAtRest()
  }).unref()
}

/**
 * Collects before more large memory is made, if there has been no rest for long: what is young then and
 * still in use is old when it meets another collection.
 */
export function collectYoungMemory(): void {
  if (youngBytes >= onceBytes) collectNow()
}

/** Collects where the code has come to a rest, as between two tasks: what it has dropped is in use no more. */
export function collectAtRest(): void {
  if (youngBytes >= soonBytes) collectNow()
}

/** Collects everything, when large memory that is old has been dropped and nothing else would ask for it. */
export function collectOldMemory(): void {
  youngBytes = 0
  collectGarbage('major')
}

function collectNow(): void {
  youngBytes = 0
  const living = native.scratchBytes()
  leastBytes = Math.min(leastBytes, living)
  const growth = living - leastBytes
  const start = performance.now()
  const isGrown =
    growth >= Math.max(leastBytes, mostOldBytes) ||
    (growth >= leastOldBytes && start >= cheapFromMs)
  collectGarbage(isGrown ? 'major' : 'minor')
  if (!isGrown) return
  leastBytes = living // less in a moment, when what was collected is freed
  const end = performance.now()
  cheapFromMs = end + costRatio * (end - start)
}
