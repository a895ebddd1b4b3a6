/** Watches a process that is already running. */

import { UsageError } from '../output/failure.ts'
import { readStatFields } from '../../monitor/internal.ts'

const lookMs = 100

/** A running process, watched until it ends or a signal ends the watch. */
export interface AttachedProcess {
  readonly pid: number
  /** Resolves when the process has ended, in an unknown way, or when a signal ends the watch. */
  readonly end: Promise<undefined>
}

/**
 * Attaches to a process without changing it.
 *
 * @throws UsageError when it does not exist
 */
export function attachTo(pid: number): AttachedProcess {
  const start = lookAt(pid)
  if (start === undefined) {
    throw new UsageError(
      `Expected --attach to be a running process, but there is no process ${pid}.`,
    )
  }
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setInterval(() => {
    if (lookAt(pid) !== start) stop()
  }, lookMs)
  const stop = (): void => {
    clearInterval(timer)
    resolve(undefined)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  return { pid, end: promise }
}

/** When the process began, which distinguishes it from a later one with the same pid. */
function lookAt(pid: number): string | undefined {
  const stat = readStatFields(pid)
  // A zombie has ended and waits for its parent.
  return stat === undefined || stat[0] === 'Z' ? undefined : stat[19]
}
