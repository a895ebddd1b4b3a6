/** Collects dropped arrays early, where a program has asked for that. */

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

/** How many have asked for eager collections in this thread. */
let askers = 0
let youngBytes = 0
let isDue = false
let leastBytes = 0
let cheapFromMs = 0

/**
 * Collects arrays that were dropped early in this thread, until the returned function is called.
 *
 * V8 knows how much memory hangs on the few words of an array (`napi_adjust_external_memory`). It starts to look for
 * garbage after 64 MB more, so that a stream of 16 MB results holds some 15 of them. To collect young objects alone
 * takes about 0.3 ms on any heap, and mostly finds what was dropped. Full collections follow as the memory that is
 * kept doubles, and sooner where they are cheap. It sets V8 flags of the whole process, so nothing does it by default.
 *
 * @returns ends it; more often than once does no harm
 */
export function collectEagerly(): () => void {
  let isOver = false
  askers++
  return () => {
    if (!isOver) askers--
    isOver = true
  }
}

/**
 * Notes memory that may be short-lived, like a result that its reader drops. When it is much, what was
 * dropped is collected once the running code has come to a rest: its variables hold less then.
 */
export function noteYoungMemory(bytes: number): void {
  if (askers === 0) return
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
  if (askers > 0 && youngBytes >= onceBytes) collectNow()
}

/** Collects where the code has come to a rest, as between two tasks: what it has dropped is in use no more. */
export function collectAtRest(): void {
  if (askers > 0 && youngBytes >= soonBytes) collectNow()
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
