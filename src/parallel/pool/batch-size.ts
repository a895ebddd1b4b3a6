/** Decides how many tasks go to a worker in one message. */

import type { Job } from '../run/job.ts'
import type { Run } from '../run/run.ts'
import type { PriorityQueue } from '../tasks/priority-queue.ts'
import type { RunTimes } from '../run/run-times.ts'

/** A message carries tasks for about this long, so that sending it costs little of their time. */
const messageMs = 4

/** Most tasks of one message. */
const mostTasks = 1000

/** Where tasks are taken from, in their order. */
export interface JobSource {
  /** The next task, or undefined when there is none now. */
  next(): Job | undefined
  /** Puts a task back that did not fit; it is the next one then. */
  putBack(job: Job): void
}

/** What limits one message. */
export interface BatchLimits {
  /** The worker's fair part of what there is to do. */
  readonly share: number
  /** How many tasks the worker may still be given, whatever the share or `chunkSize`. */
  readonly capacity: number
  /** Messages that the worker already has. */
  readonly before: number
}

/**
 * Takes tasks for one message: by their expected time, and no more than a fair share. What is slow, or not known
 * yet, goes alone, and not behind another message; much data ends a message.
 */
export function takeBatch(source: JobSource, times: RunTimes, limits: BatchLimits): Job[] {
  const jobs: Job[] = []
  const most = Math.min(limits.share, limits.capacity)
  let ms = 0
  while (jobs.length < most && ms < messageMs) {
    const job = source.next()
    if (job === undefined) break
    const { chunkSize } = job.run.settings
    if (chunkSize !== undefined) {
      if (jobs.length === 0) takeChunk(source, jobs, job, Math.min(chunkSize, limits.capacity))
      else source.putBack(job)
      break
    }
    const expected = times.expected(job.task.callee.id)
    job.run.perMessage = Math.min(mostTasks, Math.max(1, Math.floor(messageMs / expected)))
    const fits = ms + expected <= messageMs || (jobs.length === 0 && limits.before === 0)
    if (!fits) {
      source.putBack(job)
      break
    }
    jobs.push(job)
    ms += expected
    if (job.encoded?.isLarge === true) break
  }
  return jobs
}

/** Takes up to `count` tasks of one run for one message. */
function takeChunk(source: JobSource, jobs: Job[], first: Job, count: number): void {
  jobs.push(first)
  while (jobs.length < count) {
    const job = source.next()
    if (job === undefined) break
    if (job.run !== first.run) {
      source.putBack(job)
      break
    }
    jobs.push(job)
  }
}

/**
 * Each worker's fair part of the tasks that wait.
 *
 * @param waiting - tasks that were taken from their runs already
 * @param size - tasks that all workers may be in at a time
 */
export function fairShare(waiting: number, runs: PriorityQueue<Run>, size: number): number {
  const most = size * mostTasks
  const tasks = waiting + runs.sum(roomOf, most - waiting)
  return Math.max(1, Math.ceil(Math.min(tasks, most) / size))
}

function roomOf({ room }: Run): number {
  return room
}
