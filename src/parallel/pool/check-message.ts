/** Checks what a worker sent, before any of it is believed. */

import { show } from '../../errors.ts'
import { taskAfter } from '../protocol/claims.ts'
import { calling, type FromWorker, resultLength } from '../protocol/messages.ts'
import type { Assignments } from './assignments.ts'

/**
 * What is wrong with a message from a worker, as a clause; undefined when it is one of ours that fits the
 * tasks that the worker has. A task can break the channel, or what messages are made with; results
 * must not go to other tasks by that.
 */
export function findFault(message: FromWorker, tasks: Assignments): string | undefined {
  if (!Array.isArray(message)) return `it is ${show(message)}, not a list`
  const kind: unknown = message[0]
  const check = typeof kind === 'string' && Object.hasOwn(checks, kind) ? checks[kind] : undefined
  if (check === undefined) return `its kind is ${show(kind)}`
  return check(message, tasks) ? undefined : `its content does not fit its kind, ${show(kind)}`
}

type Check = (message: readonly unknown[], tasks: Assignments) => boolean

const checks: Readonly<Record<string, Check>> = {
  ready: ([, heapLimit, outgrown]) => isNumberOrNothing(heapLimit) && isNumberOrNothing(outgrown),
  initialized: () => true,
  uninitialized: () => true,
  uncaught: () => true,
  outgrown: ([, bytes]) => typeof bytes === 'number',
  output: ([, stream, task, bytes]) =>
    (stream === 1 || stream === 2) && typeof task === 'number' && bytes instanceof Uint8Array,
  results: ([, first, results, holds, startMs], tasks) =>
    Array.isArray(results) &&
    typeof holds === 'boolean' &&
    typeof startMs === 'number' &&
    areResultsOf(first, results, tasks),
}

/** Whether these are results of the next tasks that are due. */
function areResultsOf(first: unknown, results: readonly unknown[], tasks: Assignments): boolean {
  const count = results.length / resultLength
  if (!Number.isInteger(count) || count < 1 || count > tasks.size) return false
  let number = first
  for (const job of tasks.next(count)) {
    if (job.number !== number) return false
    number = taskAfter(number, 1)
  }
  for (let at = 0; at < results.length; at += resultLength) {
    const form = results[at]
    if (typeof form !== 'number' || form < 0 || form >= calling) return false
    if (typeof results[at + 2] !== 'number') return false
  }
  return true
}

function isNumberOrNothing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'number'
}
