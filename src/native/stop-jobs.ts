/** Stops native work when a signal aborts. */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { JobCore } from './core.ts'

/** The signal of the work that runs here. */
const signals = new AsyncLocalStorage<AbortSignal | undefined>()

/**
 * Runs work whose jobs on native threads are stopped when a signal aborts: those that it has started, also through promises, and those
 * that it starts later. Their promises reject with the reason of the signal; what they were to fill holds anything.
 *
 * @param signal - undefined: nothing stops the work, also where the caller's work can be stopped
 */
export function stopJobsOn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  return signal === undefined && signals.getStore() === undefined
    ? work()
    : signals.run(signal, work)
}

/**
 * Starts a job, or does something else. A job is stopped by the signal of the work that starts it.
 *
 * @param start - returns a promise when it starts a job
 */
export function startStoppable(core: JobCore, start: () => unknown): unknown {
  const signal = signals.getStore()
  if (signal === undefined) return start()
  const before = core.startedJobs()
  const result = start()
  const number = core.startedJobs()
  if (!(result instanceof Promise) || number === before) return result
  return stopOnAbort(core, number, signal, result)
}

async function stopOnAbort(
  core: JobCore,
  number: number,
  signal: AbortSignal,
  job: Promise<unknown>,
): Promise<unknown> {
  const stop = (): void => core.stopJob(number)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await job
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
