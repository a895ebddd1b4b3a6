/** The tasks that a worker was given and has not settled. */

import { type Claims, isBefore, taskAfter } from '../protocol/claims.ts'
import { Queue } from '../tasks/queue.ts'
import type { Job } from '../run/run.ts'

/** Tasks in the order in which their worker runs them, and the messages that they went in. */
export class UnsettledTasks {
  readonly #claims: Claims
  readonly #jobs = new Queue<Job>()
  /** How many unsettled tasks each message on its way still has. */
  readonly #messages = new Queue<{ tasks: number }>()

  /** @param claims - those of the worker */
  constructor(claims: Claims) {
    this.#claims = claims
  }

  /** Tasks that the worker has, running or not. */
  get size(): number {
    return this.#jobs.length
  }

  /** Tasks that the worker has and has not started. */
  get unstarted(): number {
    return this.#claims.waiting
  }

  /** Messages on their way or in work. */
  get messages(): number {
    return this.#messages.length
  }

  /** A message was sent, of whose tasks the first has the number `first`. */
  add(jobs: readonly Job[], first: number): void {
    for (const [i, job] of jobs.entries()) {
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

  /** Takes out a task whose result is here. */
  take(number: number): Job {
    const at = this.#indexOf(number)
    let before = at
    let i = 0
    for (const message of this.#messages) {
      if (before < message.tasks) {
        if (--message.tasks === 0) this.#messages.removeAt(i)
        break
      }
      before -= message.tasks
      i++
    }
    return this.#jobs.removeAt(at)
  }

  /** Takes back what the worker has not started. */
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

  /** Nothing more will come of the messages. */
  forgetMessages(): void {
    this.#messages.popMany(this.#messages.length)
  }

  /** The tasks that the worker is in, and for how many ms already. */
  get running(): { readonly job: Job; readonly ms: number }[] {
    return this.#claims.running.flatMap(({ task, ms }) => {
      const job = this.find(task)
      return job === undefined ? [] : [{ job, ms }]
    })
  }

  /** The task that the worker calls so. */
  find(number: number | undefined): Job | undefined {
    for (const job of this.#jobs) if (job.number === number) return job
    return undefined
  }

  /** Whether the worker has finished a task that it has. */
  isFinished(job: Job): boolean {
    return this.#claims.isFinished(job.number)
  }

  /** Whether one of a run that is over is among them. */
  hasStopped(): boolean {
    for (const { run } of this.#jobs) if (run.isClosed) return true
    return false
  }

  /** Whether one that the worker has not started is of a run of a lower priority. */
  hasUnstartedBelow(priority: number): boolean {
    const { unclaimed } = this.#claims
    for (const { run, number } of this.#jobs)
      if (run.settings.priority < priority && !isBefore(number, unclaimed)) return true
    return false
  }

  /** Whether tasks of runs that go on would be lost with the worker: finished ones, or others that it is in. */
  holdsOthers(job: Job): boolean {
    const { unclaimed } = this.#claims
    for (const other of this.#jobs) {
      if (other === job || other.run.isClosed) continue
      if (isBefore(other.number, unclaimed)) return true
    }
    return false
  }

  #indexOf(number: number): number {
    let at = 0
    for (const job of this.#jobs) {
      if (job.number === number) return at
      at++
    }
    return -1
  }

  /** Takes out all, after the worker's end; `isStarted` of those that it has touched. */
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
