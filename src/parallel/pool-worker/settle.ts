/** Gives what became of a task to the task's run. */

import { isSenderGone } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { restoreStack } from '../functions/contract/original-place.ts'
import { noteTask } from './worker-errors.ts'
import { failed, type Form, withPlaceholders, plain } from '../protocol/messages.ts'
import { decode } from '../payload/decode.ts'
import { LazyResult } from '../payload/lazy-result.ts'
import { findResultClasses } from '../functions/revive/result-classes.ts'
import type { ClassLookup } from '../payload/decode-instances.ts'
import { hasClasses } from '../payload/placeholders.ts'
import type { Job } from '../run/job.ts'

/** A result as it came. */
export interface Answer {
  readonly form: Form
  readonly value: unknown
  /** For one that lies in memory of the worker's. */
  readonly opened: Opened | undefined
}

/** What came of opening the memory of a result. */
export type Opened = { readonly value: unknown } | { readonly error: unknown }

/**
 * Opens a result that lies in memory of the worker's.
 *
 * @returns undefined when the memory is gone: then the worker has ended, or is about to
 */
export function openResult(form: Form, value: unknown): Opened | undefined {
  try {
    return {
      value: form === withPlaceholders || hasClasses(value) ? new LazyResult(value) : decode(value),
    }
  } catch (error) {
    return isSenderGone(error) ? undefined : { error }
  }
}

/**
 * Settles a task, one way or the other.
 *
 * @param worker - what error texts call the worker
 */
export function settle(job: Job, answer: Answer, worker: string): void {
  const { form, value, opened } = answer
  try {
    if (opened !== undefined && 'error' in opened) throw opened.error
    if (form !== plain && hasClasses(value)) {
      const result = opened === undefined ? new LazyResult(value) : (opened.value as LazyResult)
      const classes = findResultClasses(value.classes)
      if (!(classes instanceof Promise)) return settleMade(job, { form, result, classes }, worker)
      // Neither rejects. The worker is free meanwhile: the memory of the result is open here.
      void classes.then((found) => settleMade(job, { form, result, classes: found }, worker))
      return
    }
    const given = opened === undefined ? (form === plain ? value : decode(value)) : opened.value
    if (form !== failed) return job.run.succeed(job, given)
    restoreStack(given)
    noteTask(given, job, worker)
    job.run.fail(job, given)
  } catch (error) {
    noteTask(error, job, worker)
    job.run.fail(job, error)
  }
}

/** A result or failure with instances, and their classes. */
interface WithInstances {
  readonly form: Form
  readonly result: LazyResult
  readonly classes: ClassLookup
}

/** Makes instances at once: if that fails, so does their task alone. */
function settleMade(job: Job, { form, result, classes }: WithInstances, worker: string): void {
  try {
    const value = result.make(classes)
    if (form !== failed) return job.run.succeed(job, result)
    restoreStack(value)
    noteTask(value, job, worker)
    job.run.fail(job, value)
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
