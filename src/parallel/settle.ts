/** Gives what became of a task to the task's run. */

import { OneCopyError } from '../errors.ts'
import { restoreStack } from './functions/original-place.ts'
import { noteTask } from './lost.ts'
import { failed, type Form, marked, plain } from './messages.ts'
import { decode } from './payload/decode.ts'
import { Parcel } from './payload/parcel.ts'
import type { Job } from './run.ts'

/** A result as it came. */
export interface Answer {
  readonly form: Form
  readonly value: unknown
  /** Whether it lies in memory of the worker's. */
  readonly holds: boolean
}

/**
 * Settles a task, one way or the other.
 *
 * @param worker - what error texts call the worker
 */
export function settle(job: Job, { form, value, holds }: Answer, worker: string): void {
  try {
    if (form === marked && holds)
      return job.run.succeed(job, new Parcel(value, job.encoded?.kept ?? []))
    const decoded = form === plain ? value : decode(value)
    if (form !== failed) return job.run.succeed(job, decoded)
    restoreStack(decoded)
    noteTask(decoded, job, worker)
    job.run.fail(job, decoded)
  } catch (error) {
    noteTask(error, job, worker)
    job.run.fail(job, error)
  }
}

/** Fails a task that could not be sent to a worker. */
export function refuse(job: Job, cause: unknown, worker: string): void {
  const error = new OneCopyError(
    'ERR_UNSENDABLE',
    `The arguments of task ${job.index} (\`${job.task.callee.name}\`) can't be sent: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  )
  noteTask(error, job, worker)
  job.run.fail(job, error)
}
