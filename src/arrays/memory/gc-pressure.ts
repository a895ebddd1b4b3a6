/** Collects dropped arrays early, for `eagerGc`. */

import { collectGarbage } from '../../collect-garbage.ts'
import { native } from '../../native/index.ts'

/** After this many bytes of new arrays, young objects are collected as soon as the running code pauses. */
const soonBytes = 8e6

/** After this many bytes they are collected before the next array is made. */
const onceBytes = 24e6

/** A full collection follows when the memory in use has grown by this much, or has doubled, since the last one. */
const mostOldBytes = 64 * 2 ** 20

/** Where full collections are cheap, as on a small heap, this much growth is enough. */
const leastOldBytes = 24e6

/** A full collection is cheap when it takes less than 1 / 20 of the time since the last one. */
const costRatio = 20

/** Number of callers in this thread that want eager collections. */
let askers = 0
let youngBytes = 0
let isDue = false
let leastBytes = 0
let cheapFromMs = 0

/**
 * Collects arrays that were dropped early in this thread, until the returned function is called.
 *
 * V8 knows how much memory hangs on the few words of an array (`napi_adjust_external_memory`). It starts to look for
 * garbage after another 64 MB, so a stream of 16 MB results holds about 15 of them. A collection of young objects
 * takes about 0.3 ms on any heap and finds most dropped arrays. Full collections follow when the memory in use
 * doubles, or sooner where they are cheap. Collecting sets V8 flags of the whole process, so it is off by default.
 *
 * @returns a function that stops it; further calls do nothing
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
 * Counts memory that may be short-lived, such as a result that its reader drops. After enough of it, dropped arrays
 * are collected when the running code pauses, since its variables refer to fewer arrays then.
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

/** Collects before a new array is made, if the code has not paused for long. */
export function collectYoungMemory(): void {
  if (askers > 0 && youngBytes >= onceBytes) collectNow()
}

/** Collects where the code pauses, as between two tasks. */
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
