/** Stops waiting for work that a signal aborts. */

/** How long work that has been aborted may take to end by itself: a step of ours takes less. */
const graceMs = 250

/**
 * Runs work in this thread. When the signal aborts, work that ends soon is waited for, so that nothing of it runs on; any other, such as the
 * `fit` of a class of your own that never settles, is left to itself.
 *
 * @returns what the work returns, also when it ends after the signal has aborted
 * @throws what the work throws; the signal's reason when it was aborted before, and when the work does not end
 */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work()
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const abort = (): void => {
    timer = setTimeout(() => reject(signal.reason), graceMs)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work(), promise])
  } finally {
    signal.removeEventListener('abort', abort)
    clearTimeout(timer)
  }
}

/** Waits for work to end; when the signal has aborted, only a moment. */
export async function settleSoon(
  signal: AbortSignal | undefined,
  work: Promise<unknown>,
): Promise<void> {
  if (signal?.aborted !== true) {
    await work
    return
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, graceMs)
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
