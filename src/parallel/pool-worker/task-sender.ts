/** Sends tasks, and the functions that they need, to one worker. */

import { ToldFunctions } from '../functions/revive/known-functions.ts'
import type { BackendWorker } from '../protocol/backend.ts'
import type { Job } from '../run/job.ts'
import { writeRun } from './run-message.ts'
import { refuse } from './settle.ts'
import type { UnsettledTasks } from './unsettled-tasks.ts'

/** Sends tasks and remembers which functions the worker has. */
export class TaskSender {
  readonly #worker: BackendWorker
  readonly #tasks: UnsettledTasks
  /** Functions that the worker has. */
  readonly #functions = new ToldFunctions()

  /** @param tasks - the worker's tasks; sent ones are added */
  constructor(worker: BackendWorker, tasks: UnsettledTasks) {
    this.#worker = worker
    this.#tasks = tasks
  }

  /** Sends tasks in one message; those that can't be sent fail. */
  send(jobs: readonly Job[]): void {
    if (this.#post(jobs)) return
    // One of them can't be cloned. Send them one by one, so that it fails alone.
    for (const job of jobs) this.#post([job])
  }

  /** Tells the worker to drop a function that no task refers to any more. */
  forget(id: number): void {
    if (this.#functions.drop(id)) this.#worker.post(['forget', [id]])
  }

  /** @returns false when nothing was sent, because something can't be cloned */
  #post(jobs: readonly Job[]): boolean {
    const { claims, label } = this.#worker
    const first = claims.offer(jobs.length)
    const { message, told } = writeRun(jobs, first, this.#functions)
    try {
      this.#worker.post(message)
    } catch (cause) {
      for (const { id } of told) this.#functions.drop(id)
      claims.withdraw(jobs.length)
      if (jobs.length === 1) refuse(jobs[0]!, cause, label)
      return false
    }
    this.#tasks.add(jobs, first)
    return true
  }
}
