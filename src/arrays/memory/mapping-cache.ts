/** Keeps received arrays mapped for the next task. */

import { native } from '../../native/index.ts'
import type { Mapping } from './mapping.ts'

/** How long a mapping is kept after its last use; also the interval between checks. */
const idleMs = 500

/** Time of last use, oldest first. */
const lastUses = new Map<Mapping, number>()
/** Bytes of mappings that are not kept, and when the last of them was opened. */
let passingBytes = 0
let passedAt = 0
let timer: NodeJS.Timeout | undefined

/**
 * Keeps a mapping for a while after its last array is gone, since mapping 800 MB again costs 60 ms of page faults.
 * When large mappings expire, V8 is told that memory is wanted back; it then looks for them between other work.
 */
export function keepWarm(mapping: Mapping): void {
  lastUses.delete(mapping)
  lastUses.set(mapping, performance.now())
  start()
}

/** Notes a mapping that will hardly be opened again. V8 is told as for those that expire. */
export function notePassing({ byteLength }: Mapping): void {
  passingBytes += byteLength
  passedAt = performance.now()
  if (passingBytes >= leastBytes) start()
}

function start(): void {
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
  if (passedAt <= limit) {
    bytes += passingBytes
    passingBytes = 0
  }
  if (bytes >= leastBytes) native.hintMemoryPressure()
  if (lastUses.size > 0 || passingBytes > 0) return
  clearInterval(timer)
  timer = undefined
}

/** Mappings that expire together are worth a hint to V8 from this size on. */
const leastBytes = 8e6
