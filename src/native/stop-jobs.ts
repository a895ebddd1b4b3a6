/** Stops native work when a signal aborts, or has it end early. */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { JobCore } from './core.ts'

/** What ends the work that runs here. */
interface JobEnds {
  readonly stop: AbortSignal | undefined
  readonly finish: (() => AbortSignal | undefined) | undefined
}

const ends = new AsyncLocalStorage<JobEnds | undefined>()

/**
 * Runs work whose jobs on native threads are stopped when a signal aborts: those that it has started, also through promises, and those
 * that it starts later. Their promises reject with the reason of the signal; what they were to fill holds anything.
 *
 * @param stop - undefined: nothing stops the work, also where the caller's work can be stopped
 * @param finish - asked at the start of each job for a signal that has it end with less, where it can: trees are as many as were grown until
 *   then, at least one round or tree. Default: none
 */
export function stopJobsOn<T>(
  stop: AbortSignal | undefined,
  work: () => Promise<T>,
  finish?: () => AbortSignal | undefined,
): Promise<T> {
  return ends.run({ stop, finish }, work)
}

/**
 * Starts a job, or does something else. A job is ended by the signals of the work that starts it.
 *
 * @param start - returns a promise when it starts a job
 */
export function startStoppable(core: JobCore, start: () => unknown): unknown {
  const { stop, finish } = ends.getStore() ?? {}
  if (stop === undefined && finish === undefined) return start()
  const before = core.startedJobs()
  const result = start()
  const number = core.startedJobs()
  if (!(result instanceof Promise)) return result
  // A short job has run already.
  if (number === before) return stop?.aborted === true ? rejectFor(stop, result) : result
  return endOnAbort(core, number, { stop, finish: finish?.() }, result)
}

async function rejectFor(stop: AbortSignal, job: Promise<unknown>): Promise<never> {
  await job.catch(() => {})
  throw stop.reason
}

async function endOnAbort(
  core: JobCore,
  number: number,
  {
    stop,
    finish,
  }: { readonly stop: AbortSignal | undefined; readonly finish: AbortSignal | undefined },
  job: Promise<unknown>,
): Promise<unknown> {
  const release = [
    onAbort(stop, () => core.stopJob(number)),
    onAbort(finish, () => core.finishJob(number)),
  ]
  try {
    return await job
  } catch (error) {
    throw stop?.aborted === true ? stop.reason : error
  } finally {
    for (const one of release) one()
  }
}

/** Calls `act` once a signal aborts, also when it has. @returns what makes it forget `act` */
function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted === true) act()
  signal?.addEventListener('abort', act, { once: true })
  return () => signal?.removeEventListener('abort', act)
}
