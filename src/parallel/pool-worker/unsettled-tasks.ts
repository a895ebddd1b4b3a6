/** The tasks of a worker whose results have not come. */

import { type Claims, isBefore, taskAfter } from '../protocol/claims.ts'
import { Queue } from '../tasks/queue.ts'
import type { Job } from '../run/job.ts'

/** Tasks in the order in which their worker runs them, and the messages that they were sent in. */
export class UnsettledTasks {
  readonly #claims: Claims
  readonly #jobs = new Queue<Job>()
  /** How many unsettled tasks each message has. */
  readonly #messages = new Queue<{ tasks: number }>()

  /** @param claims - those of the worker */
  constructor(claims: Claims) {
    this.#claims = claims
  }

  /** Tasks that the worker has, running or not. */
  get size(): number {
    return this.#jobs.length
  }

  /** Tasks that the worker has not started. */
  get unstarted(): number {
    return this.#claims.waiting
  }

  /** Messages with unsettled tasks. */
  get messages(): number {
    return this.#messages.length
  }

  /** Adds the tasks of a message; the first has the number `first`. */
  add(jobs: readonly Job[], first: number): void {
    for (let i = 0; i < jobs.length; i++) {
      const job = jobs[i]!
      job.number = taskAfter(first, i)
      this.#jobs.push(job)
    }
    this.#messages.push({ tasks: jobs.length })
  }

  /** Whether results may come of `count` tasks from the number `first` on: the next ones, which have begun. */
  mayAnswer(first: number, count: number): boolean {
    const at = this.#indexOf(first)
    if (at < 0 || (at > 0 && this.#claims.concurrency === 1) || at + count > this.size) return false
    return isBefore(taskAfter(first, count - 1), this.#claims.unclaimed)
  }

  /** Removes a task whose result has come. */
  take(number: number): Job {
    const at = this.#indexOf(number)
    let before = at
    for (let i = 0; i < this.#messages.length; i++) {
      const message = this.#messages.at(i)!
      if (before < message.tasks) {
        if (--message.tasks === 0) this.#messages.removeAt(i)
        break
      }
      before -= message.tasks
    }
    return this.#jobs.removeAt(at)
  }

  /** Takes back the tasks that the worker has not started. */
  takeBack(): Job[] {
    let count = this.#claims.takeBack()
    if (count === 0) return []
    const jobs = this.#jobs.popMany(count)
    while (count > 0) {
      const message = this.#messages.last()!
      const taken = Math.min(count, message.tasks)
      message.tasks -= taken
      count -= taken
      if (message.tasks === 0) this.#messages.popMany(1)
    }
    return jobs
  }

  /** Forgets the messages, whose results will not come. */
  forgetMessages(): void {
    this.#messages.popMany(this.#messages.length)
  }

  /** The running tasks, and for how many ms each has run. */
  get running(): { readonly job: Job; readonly ms: number }[] {
    return this.#claims.running.flatMap(({ task, ms }) => {
      const job = this.find(task)
      return job === undefined ? [] : [{ job, ms }]
    })
  }

  /** Finds a task by its number on the worker. */
  find(number: number | undefined): Job | undefined {
    for (const job of this.#jobs) if (job.number === number) return job
    return undefined
  }

  /** Whether the worker has finished a task that it has. */
  isFinished(job: Job): boolean {
    return this.#claims.isFinished(job.number)
  }

  /** Whether any belongs to a run that has ended. */
  hasStopped(): boolean {
    for (const { run } of this.#jobs) if (run.isClosed) return true
    return false
  }

  /** Whether any that the worker has not started has a lower priority. */
  hasUnstartedBelow(priority: number): boolean {
    const { unclaimed } = this.#claims
    for (const { run, number } of this.#jobs)
      if (run.settings.priority < priority && !isBefore(number, unclaimed)) return true
    return false
  }

  /** Whether the worker's end would lose other tasks of runs that continue: finished or running ones. */
  holdsOthers(job: Job): boolean {
    const { unclaimed } = this.#claims
    for (const other of this.#jobs) {
      if (other === job || other.run.isClosed) continue
      if (isBefore(other.number, unclaimed)) return true
    }
    return false
  }

  #indexOf(number: number): number {
    for (let at = 0; at < this.#jobs.length; at++)
      if (this.#jobs.at(at)!.number === number) return at
    return -1
  }

  /** Removes all tasks after the worker's end, and says which it had started and finished. */
  *drain(): Generator<{ job: Job; isStarted: boolean; isFinished: boolean }> {
    const { unclaimed } = this.#claims
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      yield {
        job,
        isStarted: isBefore(job.number, unclaimed),
        isFinished: this.isFinished(job),
      }
    }
  }
}
