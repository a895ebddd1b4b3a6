/** Returns unused memory of this process to the system. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { collectGarbage } from '../../collect-garbage.ts'

/** The most rounds; each frees memory whose last owner the round before has collected. */
const mostRounds = 8

/** A smaller difference between two rounds is noise. */
const noiseBytes = 256 * 1024

/**
 * Frees what this process holds without a use: garbage of this thread, shared memory that is kept for the next array,
 * and free pages of the heaps of V8 and the C library. Work that is measured afterwards can't hide its growth there.
 *
 * @param measure - the hard memory in use, in bytes; undefined where it can't be read
 */
export async function releaseUnused(measure: () => Promise<number | undefined>): Promise<void> {
  // Loaded here, so that a monitor needs no native core.
  const { native } = await import('../../native/index.ts')
  let before = Infinity
  for (let round = 0; round < mostRounds; round++) {
    await collectAll()
    // Finalizers of what was collected run in the next turns of the event loop.
    await nextTurn()
    // It also waits until array buffers that the first one found are freed.
    collectGarbage('major')
    await nextTurn()
    native.trimScratch(0)
    native.trimHeap()
    const now = (await measure()) ?? 0
    if (now > before - noiseBytes) return
    before = now
  }
}

/** Collects whatever can be collected and returns free pages of V8's heap, which `gc()` does not. */
async function collectAll(): Promise<void> {
  if (!process.features.inspector) return
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.collectGarbage')
  } finally {
    session.disconnect()
  }
}
