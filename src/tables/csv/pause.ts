/** Lets the event loop turn during long work. */

import { setImmediate } from 'node:timers/promises'

/**
 * Makes a function that lets the event loop turn once 16 ms have passed since the last time, and checks the signal then.
 *
 * @param report - is called before each turn
 */
export function makePause(
  signal: AbortSignal | undefined,
  report?: () => void,
): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < 16) return
    report?.()
    await setImmediate()
    signal?.throwIfAborted()
    last = performance.now()
  }
}
