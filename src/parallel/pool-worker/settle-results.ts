/** Gives the results of one message to their tasks. */

import { sharedMs } from '../machine/clock.ts'
import { resultLength } from '../protocol/check-message.ts'
import { taskAfter } from '../protocol/claims.ts'
import type { Form, FromWorker } from '../protocol/messages.ts'
import type { Job } from '../run/job.ts'
import type { RunTimes } from '../run/run-times.ts'
import type { FailedTasks } from './failed-tasks.ts'
import { type Opened, openResult, settle } from './settle.ts'
import type { UnsettledTasks } from './unsettled-tasks.ts'

/** The worker that sent results. */
export interface ResultSender {
  readonly label: string
  readonly pid: number | undefined
  /** Its tasks; those with results are removed. */
  readonly tasks: UnsettledTasks
  readonly failed: FailedTasks
}

/**
 * Settles the tasks of one message, and notes their times.
 *
 * @param message - checked: the worker has these tasks
 * @returns the last of the tasks; undefined when the memory of a result is gone, so that nothing was settled
 */
export function settleResults(
  message: Extract<FromWorker, readonly ['results', ...unknown[]]>,
  sender: ResultSender,
  times: RunTimes,
): Job | undefined {
  const [, first, results, holds, startMs] = message
  const arrivedMs = sharedMs()
  let opened: Opened | undefined
  if (holds && !sender.failed.has(sender.tasks.find(first)!)) {
    // Such a result comes alone. If its memory is gone, the worker's end explains the failure of the task.
    opened = openResult(results[0] as Form, results[1])
    if (opened === undefined) return undefined
  }
  const count = results.length / resultLength
  let taskMs = startMs
  let endMs = performance.now()
  for (let i = 1; i < count; i++) endMs -= results[i * resultLength + 2] as number
  let last: Job | undefined
  for (let i = 0; i < count; i++) {
    const job = sender.tasks.take(taskAfter(first, i))
    const at = i * resultLength
    const ms = results[at + 2] as number
    times.record(job, ms, taskMs, arrivedMs)
    taskMs += ms
    // Tasks of one message ran one after the other.
    if (i > 0) endMs += ms
    const { run, index, task } = job
    run.watch?.add({ index, name: task.callee.name }, sender, endMs, ms)
    if (sender.failed.end(job)) run.drop(job)
    else settle(job, { form: results[at] as Form, value: results[at + 1], opened }, sender.label)
    last = job
  }
  return last
}
